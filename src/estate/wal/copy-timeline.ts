import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { unreadable } from '../../repository/copy/unreadable.ts';
import type { ClusterWal, WalRun } from '../../repository/wal/contract.ts';
import { blocksOf, covers, fewest, spansOf, withSpan, type Span } from '../../repository/wal/spans.ts';

/** One timeline on its way from one repository to another. */
export interface TimelineCopy {
  readonly source: ClusterWal;
  readonly target: ClusterWal;
  readonly timeline: number;
  /** What ends before is not wanted. */
  readonly from: bigint;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Told of each run that was stored, or in a dry run would be. */
  readonly onRun: (run: WalRun) => void;
  readonly onFailure: (error: HoldfastError) => void;
}

/**
 * Stores at the target what it lacks of a timeline, in ascending order and in as few runs as hold it. WAL that cannot be read here is
 * told and passed over. Throws wal.diverged where the target holds other bytes for the same positions, and what the target throws.
 */
export async function copyTimeline(copy: TimelineCopy): Promise<void> {
  const { source, target, timeline, from, dryRun, signal } = copy;
  const there = await spansOf(target.runs(timeline));
  for await (const block of blocksOf(source.runs(timeline))) {
    signal.throwIfAborted();
    const wanted = block.filter(({ end }) => end > from);
    if (dryRun) for (const run of fewest(wanted).filter((one) => !covers(there, one))) copy.onRun(run);
    else await copyBlock(copy, wanted, there);
  }
}

async function copyBlock(copy: TimelineCopy, runs: readonly WalRun[], there: readonly Span[]): Promise<void> {
  const unread = new Map<WalRun, HoldfastError>();
  let wanted = runs;
  let held = there;
  for (;;) {
    // What cannot be read others may hold as well: parts and the whole of a block.
    const readable = wanted.filter((run) => !unread.has(run));
    const next = fewest(readable).find((run) => !covers(held, run));
    if (!next) break;
    try {
      const content = await copy.source.read(next);
      await compareOverlaps(copy, next, content.bytes, held);
      await copy.target.put(next.timeline, next.start, content);
    } catch (error) {
      if (isCode(error, 'storage.not-found') && !unread.size) wanted = await listedNow(copy, next);
      else if (!isCode(error, ...unreadable)) throw error;
      unread.set(next, error);
      continue;
    }
    held = await withSpan(held, next);
    copy.onRun(next);
  }
  for (const [run, error] of unread) if (!covers(held, run)) copy.onFailure(lost(run, error));
}

/** A prune took it away meanwhile: the whole block is in its place, or it is wanted no more. */
async function listedNow({ source, timeline, from }: TimelineCopy, { start }: WalRun): Promise<WalRun[]> {
  const runs: WalRun[] = [];
  for await (const run of source.runs(timeline, start)) if (run.end > from) runs.push(run);
  return runs;
}

/** Runs that lie over each other are equal; a receiver of another server with the same number would tell otherwise. */
async function compareOverlaps(
  { target, timeline }: TimelineCopy,
  run: WalRun,
  bytes: Uint8Array,
  held: readonly Span[],
): Promise<void> {
  if (!held.some(({ start, end }) => start < run.end && end > run.start)) return;
  for await (const other of target.runs(timeline, run.start)) {
    const [start, end] = [later(run.start, other.start), run.end < other.end ? run.end : other.end];
    if (start >= end) continue;
    const there = await target.read(other).catch((error: unknown) => {
      // Damage there is no reason to keep a whole copy away.
      if (isCode(error, ...unreadable)) return undefined;
      throw error;
    });
    const mine = bytes.subarray(Number(start - run.start), Number(end - run.start));
    if (there && !equalBytes(mine, there.bytes.subarray(Number(start - other.start), Number(end - other.start))))
      throw new HoldfastError(
        'wal.diverged',
        `the other repository holds other WAL of timeline ${timeline} from ${formatLsn(start)} to ${formatLsn(end)}`,
      );
  }
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function lost({ timeline, start, end }: WalRun, error: HoldfastError): HoldfastError {
  const range = `WAL of timeline ${timeline} from ${formatLsn(start)} to ${formatLsn(end)}`;
  return new HoldfastError(error.code, `${range} cannot be copied: ${error.message}`, {
    cause: error,
    hint: error.hint,
    ...(error.resource === undefined ? {} : { resource: error.resource }),
  });
}
