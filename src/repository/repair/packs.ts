import { createBitSet } from '../../kernel/bit-set.ts';
import type { RepositoryState } from '../state.ts';
import type { SalvagedPack } from './contract.ts';
import type { RepairPlan } from './plan.ts';
import { salvageChunks } from './salvage.ts';
import type { RepairStore } from './store.ts';

/** Stores again whatever is whole in bad packs and lies in no other. */
export async function salvageBadPacks(
  { view, bad, tainted }: RepairPlan,
  store: RepairStore,
  signal: AbortSignal | undefined,
): Promise<SalvagedPack[]> {
  const saved: SalvagedPack[] = [];
  const taken = createBitSet();
  for (const [pack, problem] of bad) {
    signal?.throwIfAborted();
    let chunks = 0;
    let bytes = 0;
    await salvageChunks(view, pack, tainted.records.get(pack) ?? [], async (kind, id, chunk) => {
      const location = view.index.locate(id);
      if (isElsewhere(view, id) || (location && !taken.add(location.number))) return;
      store.store(kind, chunk);
      chunks++;
      bytes += chunk.length;
      await store.breathe();
    });
    saved.push({ pack, problem, chunks, bytes });
    view.events({ type: 'repository.progress', what: 'packs salvaged', done: saved.length, total: bad.size });
  }
  return saved;
}

/** In a pack that stays, or on its way into one. */
function isElsewhere({ index }: RepositoryState, id: Uint8Array): boolean {
  return index.locate(id)?.pack.standing === 'live';
}
