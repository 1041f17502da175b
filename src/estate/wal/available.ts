import type { ClusterWal } from '../../repository/wal/contract.ts';
import { reachFrom, spansOf, withSpan, type Span } from '../../repository/wal/spans.ts';
import { segmentStart } from '../../repository/wal/segments.ts';
import type { TimelinePiece } from './timelines.ts';

/** How far a base backup can be brought with the WAL that is there. */
export interface Available {
  /** Timeline and position of the end of what follows the backup without a gap. */
  readonly timeline: number;
  readonly end: bigint;
  /** Milliseconds since the epoch by the server's clock: everything before is in it. 0 where nothing is known. */
  readonly sentAt: number;
  /** WAL that is missing, after which there is more. */
  readonly gap?: Span & { readonly timeline: number };
}

/** A base backup's place in the WAL. */
export interface BasePlace {
  readonly timeline: number;
  readonly start: bigint;
  readonly stop: bigint;
  readonly segmentSize: number;
  /** Whether the backup holds its own WAL, from start to stop. */
  readonly ownWal: boolean;
}

/** Follows the way of timelines from the backup on. Reads the names of all runs and the content of one. */
export async function availableFrom(
  wal: Pick<ClusterWal, 'runs' | 'read'>,
  base: BasePlace,
  way: readonly TimelinePiece[],
): Promise<Available> {
  let from = segmentStart(base.start, base.segmentSize);
  for (const [at, piece] of way.entries()) {
    const { timeline } = piece;
    const stored = await spansOf(wal.runs(timeline));
    const own = { start: from, end: base.stop };
    const spans = at === 0 && base.ownWal ? await withSpan(stored, own) : stored;
    const end = reachFrom(spans, from);
    if (piece.end !== undefined && end >= piece.end) {
      from = segmentStart(piece.end, base.segmentSize);
      continue;
    }
    const next = spans.find(({ start }) => start > end);
    const until = next?.start ?? piece.end;
    const gap = until === undefined ? {} : { gap: { timeline, start: end, end: until } };
    return { timeline, end, sentAt: await sentAtOf(wal, timeline, end), ...gap };
  }
  throw new RangeError('the last piece of a way has no end');
}

/** When the server sent the last of the WAL before `end`. */
async function sentAtOf(wal: Pick<ClusterWal, 'runs' | 'read'>, timeline: number, end: bigint): Promise<number> {
  for await (const run of wal.runs(timeline)) if (run.end === end) return (await wal.read(run)).sentAt;
  return 0;
}
