import { afterAll, beforeAll, beforeEach } from 'vitest';
import { useEndpoints } from '../../../test/emulators/index.ts';
import { startLightsail, type LightsailStandIn } from '../../../test/stand-ins/lightsail/server.ts';
import type { State } from '../../../test/stand-ins/lightsail/state.ts';
import { seedContents } from './seed-for-test.ts';

/** What answers for Lightsail while the tests of a file run. */
export interface UsedLightsail {
  readonly state: State;
}

export function useLightsail(): UsedLightsail {
  let stand: LightsailStandIn | undefined;
  let putBack: (() => void) | undefined;
  beforeAll(async () => {
    stand = await startLightsail();
    putBack = useEndpoints({ all: 'http://127.0.0.1:9', services: { lightsail: stand.endpoint } });
  });
  afterAll(async () => {
    putBack?.();
    await stand?.stop();
  });
  return {
    get state() {
      if (stand) return stand.state;
      throw new Error('the stand-in is not there yet');
    },
  };
}

/** The same, with contents of its own for each test. */
export function useSeededLightsail(): UsedLightsail {
  const stand = useLightsail();
  beforeEach(() => {
    const { state } = stand;
    state.regions.clear();
    state.denied.clear();
    Object.assign(state, { slow: 1, lag: 0 });
    seedContents(state);
  });
  return stand;
}
