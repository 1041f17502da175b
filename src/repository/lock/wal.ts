import type { RepositoryState } from '../state.ts';
import { walBlock, type WalName, type WalRange } from '../wal/contract.ts';
import { clusterPrefix, parseWalKey, walPrefix } from '../wal/names.ts';
import { fewest } from '../wal/spans.ts';

interface StoredRun extends WalName {
  readonly key: string;
}

/**
 * Keys of the WAL that is kept: of the clusters that are named what lies in their range, of all others everything or nothing; histories of
 * timelines always. Parts of a block that is stored whole are left out: their locks run out, so that they can be pruned.
 */
export async function* keptWal(
  { store, keyring }: Pick<RepositoryState, 'store' | 'keyring'>,
  ranges: readonly WalRange[],
  others: 'kept' | 'left',
): AsyncGenerator<string> {
  const byFolder = new Map(ranges.map((range) => [clusterPrefix(keyring, range.systemId), range]));
  let block: StoredRun[] = [];
  for await (const { key } of store.list(walPrefix)) {
    const found = parseWalKey(key);
    if (!found) continue;
    const range = byFolder.get(found.cluster);
    if (!range && others === 'left') continue;
    if (found.run === 'history') {
      yield key;
      continue;
    }
    const run = { ...found.run, key };
    if (range && !isWithin(run, range)) continue;
    if (block[0] && !isSameBlock(block[0], run)) {
      yield* fewest(block).map((one) => one.key);
      block = [];
    }
    block.push(run);
  }
  yield* fewest(block).map((one) => one.key);
}

function isWithin({ start, end }: WalName, { from, to }: WalRange): boolean {
  return end > from && (to === undefined || start < to);
}

function isSameBlock(a: StoredRun, b: StoredRun): boolean {
  const folder = ({ key }: StoredRun): string => key.slice(0, key.lastIndexOf('/'));
  return folder(a) === folder(b) && a.start / walBlock === b.start / walBlock;
}
