import { createBitSet, type BitSet } from '../../kernel/bit-set.ts';
import type { StoredSnapshot } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { createSum } from './amounts.ts';
import type { SnapshotDetail } from './contract.ts';
import { eachNeeded, type Holders } from './holders.ts';
import { sizesOf } from './sources.ts';
import { walkSnapshot } from './walk.ts';

/** What one snapshot needs, by its sources: its number among all, and who else needs what, are known. */
export async function snapshotDetail(
  state: RepositoryState,
  snapshot: StoredSnapshot,
  { number, holders, signal }: { readonly number: number; readonly holders: Holders; readonly signal?: AbortSignal },
): Promise<SnapshotDetail> {
  const all = createBitSet();
  const bySource = new Map<string, BitSet>();
  const chunksOf = (source: string): BitSet => {
    const known = bySource.get(source) ?? createBitSet();
    bySource.set(source, known);
    return known;
  };
  await walkSnapshot(
    state,
    snapshot.document,
    {
      visit(chunk, source) {
        all.add(chunk);
        return chunksOf(source).add(chunk);
      },
      length: () => undefined,
      unread: () => undefined,
    },
    signal,
  );
  const needed = createSum();
  const sums = [...bySource].map(([source, chunks]) => ({ source, chunks, needed: createSum(), unique: createSum() }));
  eachNeeded(state.index, holders, (chunk, storedBytes) => {
    if (!all.has(chunk)) return;
    const plainBytes = holders.plainBytes(chunk);
    needed.add(plainBytes, storedBytes);
    for (const sum of sums) {
      if (!sum.chunks.has(chunk)) continue;
      sum.needed.add(plainBytes, storedBytes);
      if (holders.snapshotOf(chunk) === number) sum.unique.add(plainBytes, storedBytes);
    }
  });
  const sizes = await sizesOf(state, snapshot);
  const sources = sums
    .filter(({ source }) => source !== '')
    .map(({ source, needed, unique }) => {
      const { resources = 0, entries = 0, bytes = 0 } = sizes.get(source) ?? {};
      return { source, resources, entries, bytes, needed: needed.total(), unique: unique.total() };
    });
  return { info: snapshot.document.info, needed: needed.total(), sources };
}
