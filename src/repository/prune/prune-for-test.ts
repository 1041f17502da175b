import { keysOf } from '../../../test/repository/copy-store.ts';
import { createSmall, openSmall, type Contents } from '../../../test/repository/small-repository.ts';
import { numberedFiles } from '../../../test/repository/noisy-files.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { SnapshotInfo } from '../contract.ts';

export const hour = 3_600_000;
export const longestSession = 24 * hour;
export const grace = longestSession + hour;

/** A repository with packs of at most `packTarget` bytes, and time that passes at once. */
export async function makeRepository(packTarget = 64 * 1024) {
  const runtime = simulatedRuntime(1);
  const memory = createMemoryStore({ runtime });
  const store = withFaults(memory, { runtime });
  const repository = await createSmall({ store, runtime, longestSession, packTarget });
  return {
    runtime,
    store,
    repository,
    reopen: () => openSmall({ store, runtime }),
    packs: async () => [...(await keysOf(store, 'data/')), ...(await keysOf(store, 'meta/'))],
    forget: (info: SnapshotInfo) => store.delete(`snapshots/${info.id}`),
    later: (ms: number) => runtime.clock.sleep(ms),
  };
}

export const first: Contents = { tools: numberedFiles(40, 'a') };
export const second: Contents = { tools: numberedFiles(40, 'b') };
