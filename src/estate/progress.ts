import type { ResourceSession } from '../repository/session/contract.ts';
import type { Estate } from './contract.ts';

/** Tells the counters of the resources at work, a few times a second. */
export interface Progress {
  watch(source: string, resource: string, session: ResourceSession): { end(): void };
  tell(source: string, resource: string, counters: ResourceSession['progress']): void;
}

const everyMs = 250;

export function createProgress(estate: Estate): Progress {
  const watched = new Set<{ readonly source: string; readonly resource: string; readonly session: ResourceSession }>();
  let ticking = false;

  function tell(source: string, resource: string, { entries, reused, bytes }: ResourceSession['progress']): void {
    estate.events({ type: 'resource.progress', source, resource, entries, reused, bytes });
  }
  async function tick(): Promise<void> {
    ticking = true;
    while (watched.size > 0) {
      await estate.runtime.clock.sleep(everyMs);
      for (const { source, resource, session } of watched) tell(source, resource, session.progress);
    }
    ticking = false;
  }
  return {
    tell,
    watch(source, resource, session) {
      const entry = { source, resource, session };
      watched.add(entry);
      if (!ticking) void tick();
      return { end: () => watched.delete(entry) };
    },
  };
}
