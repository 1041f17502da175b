import { keysOf } from '../../../test/repository/copy-store.ts';
import { createSmall, noise, openSmall, type Contents } from '../../../test/repository/small-repository.ts';
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

/** So many files, each of so many bytes, that are other ones for each seed. */
export function files(count: number, seed: string, length = 3000): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${String(i).padStart(3, '0')}`, noise(length, `${seed}/${i}`)]),
  );
}

export const first: Contents = { tools: files(40, 'a') };
export const second: Contents = { tools: files(40, 'b') };
