import type { RepositoryState } from '../state.ts';
import { indexPrefix } from '../index/objects.ts';
import { walPrefix } from '../wal/names.ts';
import type { Pile, RepositoryStats } from './contract.ts';

/** What the store holds of packs, index objects and WAL. */
export async function measurePiles(
  state: RepositoryState,
): Promise<Pick<RepositoryStats, 'packs' | 'orphans' | 'indexObjects' | 'wal' | 'overheadBytes'>> {
  const { index } = state;
  const known = new Map([...index.packs()].map((pack) => [pack.key, pack]));
  let orphans = nothing;
  let overheadBytes = 0;
  async function packsBelow(prefix: string): Promise<Pile> {
    let pile = nothing;
    for await (const { key, size } of state.store.list(prefix)) {
      const pack = known.get(key);
      if (!pack) {
        orphans = more(orphans, size);
        continue;
      }
      pile = more(pile, size);
      overheadBytes += pack.size;
      for (let i = 0; i < pack.groupCount; i++) overheadBytes -= index.group(pack.firstGroup + i).length;
    }
    return pile;
  }
  const packs = { data: await packsBelow('data/'), metadata: await packsBelow('meta/') };
  async function allBelow(prefix: string): Promise<Pile> {
    let pile = nothing;
    for await (const { size } of state.store.list(prefix)) pile = more(pile, size);
    return pile;
  }
  const [indexObjects, wal] = [await allBelow(indexPrefix), await allBelow(walPrefix)];
  return { packs, orphans, indexObjects, wal, overheadBytes };
}

const nothing: Pile = { count: 0, bytes: 0 };

function more({ count, bytes }: Pile, size: number): Pile {
  return { count: count + 1, bytes: bytes + size };
}
