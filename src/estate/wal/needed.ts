import { isCode } from '../../kernel/errors.ts';
import type { Repository, SnapshotInfo } from '../../repository/contract.ts';
import type { WalRange } from '../../repository/wal/contract.ts';
import { segmentStart } from '../../repository/wal/segments.ts';
import { basesIn } from './bases.ts';
import { unreadable } from '../../repository/copy/unreadable.ts';

/** Number of each cluster → first position that base backups need of its WAL. */
export type NeededFrom = Map<string, bigint>;

/**
 * Adds what the base backups of these snapshots need. Returns how many of the snapshots could not be read: what they need is unknown.
 * Throws what the store throws.
 */
export async function addNeeded(
  needed: NeededFrom,
  repository: Repository,
  snapshots: readonly SnapshotInfo[],
): Promise<number> {
  let unread = 0;
  for (const info of snapshots) {
    try {
      for await (const { systemId, start, segmentSize } of basesIn(repository, info)) {
        const from = segmentStart(start, segmentSize);
        const before = needed.get(systemId);
        if (before === undefined || from < before) needed.set(systemId, from);
      }
    } catch (error) {
      if (!isCode(error, ...unreadable)) throw error;
      unread++;
    }
  }
  return unread;
}

/**
 * WAL that is kept as long as these snapshots are: from the oldest base backup of each cluster on. Empty, and then all of it is, where a
 * snapshot cannot be read.
 */
export async function keptWalOf(
  repository: Repository,
  keeps: (snapshot: string) => boolean,
): Promise<readonly WalRange[]> {
  if (!(await repository.hasWal())) return [];
  const { list, hidden, damaged } = await repository.snapshots();
  const needed: NeededFrom = new Map();
  const unread = await addNeeded(
    needed,
    repository,
    list.filter(({ id }) => keeps(id)),
  );
  if (hidden + damaged.length + unread > 0) return [];
  return [...needed].map(([systemId, from]) => ({ systemId, from }));
}

/** WAL that makes the base backups of these snapshots consistent, and no more. Throws where one cannot be read. */
export async function walOf(repository: Repository, snapshots: readonly SnapshotInfo[]): Promise<readonly WalRange[]> {
  const ranges = new Map<string, WalRange>();
  for (const info of snapshots)
    for await (const { systemId, start, stop, segmentSize } of basesIn(repository, info)) {
      const from = segmentStart(start, segmentSize);
      const { from: first = from, to: last = stop } = ranges.get(systemId) ?? {};
      ranges.set(systemId, { systemId, from: from < first ? from : first, to: stop > last ? stop : last });
    }
  return [...ranges.values()];
}
