import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { Repository } from '../../repository/contract.ts';
import { walBlock, type ClusterWal, type WalRun } from '../../repository/wal/contract.ts';
import { basesOf, requireAllReadable } from './bases.ts';
import { blocksOf } from '../../repository/wal/spans.ts';
import { segmentStart } from '../../repository/wal/segments.ts';

export interface WalPruneReport {
  readonly schema: 1;
  readonly dryRun: boolean;
  /** Runs before the oldest base backup, and runs within whole blocks. */
  readonly outdated: number;
  readonly superseded: number;
  readonly bytes: number;
  /** Runs that could not be removed: locked, or no rights. */
  readonly left: number;
  /** First position that is still needed; absent where there is no base backup, and nothing is outdated. */
  readonly neededFrom?: bigint;
}

/**
 * Removes WAL that no base backup of a kept snapshot needs: what ends before the oldest of them begins, on any timeline, since recovery
 * only goes forward. And parts of blocks that are stored whole, once the whole was read back. Without a base backup nothing is outdated.
 */
export async function pruneWal(
  repository: Repository,
  systemId: string,
  settings: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<WalPruneReport> {
  const { dryRun, signal } = settings;
  await requireAllReadable(repository);
  const wal = repository.wal(systemId);
  let neededFrom: bigint | undefined;
  for await (const { start, segmentSize } of basesOf(repository, systemId)) {
    const from = segmentStart(start, segmentSize);
    if (neededFrom === undefined || from < neededFrom) neededFrom = from;
  }
  const counts = { outdated: 0, superseded: 0, bytes: 0, left: 0 };
  async function remove(run: WalRun, why: 'outdated' | 'superseded'): Promise<void> {
    try {
      if (!dryRun) await wal.remove(run);
    } catch (error) {
      if (!isCode(error, 'storage.locked', 'storage.denied')) throw error;
      counts.left++;
      return;
    }
    counts[why]++;
    counts.bytes += run.storedBytes;
  }
  for (const timeline of await wal.timelines())
    for await (const block of blocksOf(wal.runs(timeline))) {
      signal.throwIfAborted();
      const outdated = block.filter(({ end }) => neededFrom !== undefined && end <= neededFrom);
      for (const run of outdated) await remove(run, 'outdated');
      const kept = block.filter((run) => !outdated.includes(run));
      const whole = kept.find(({ start, end }) => end - start === walBlock);
      if (!whole || kept.length === 1 || !(await isReadable(wal, whole))) continue;
      for (const run of kept) if (run !== whole) await remove(run, 'superseded');
    }
  return { schema: 1, dryRun, ...counts, ...(neededFrom === undefined ? {} : { neededFrom }) };
}

/** What stands for others must be what it says. */
async function isReadable(wal: ClusterWal, run: WalRun): Promise<boolean> {
  try {
    await wal.read(run);
    return true;
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'repository.corrupt') return false;
    throw error;
  }
}
