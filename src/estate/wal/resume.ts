import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import type { ServerIdentity } from '../../connectors/postgres-cluster/server-facts.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { walBlock, type ClusterWal, type WalRun } from '../../repository/wal/contract.ts';
import { blocksOf, fewest, reachFrom, spansOf } from '../../repository/wal/spans.ts';
import { segmentStart } from '../../repository/wal/segments.ts';
import { parseHistory } from './timelines.ts';

/** From where WAL is streamed. */
export interface ResumePoint {
  readonly timeline: number;
  readonly start: bigint;
  /** Up to here it is stored already; what comes before is compared. */
  readonly stored: bigint;
}

/**
 * Where the stored WAL ends, on the newest timeline of which there is any; undefined where there is none. Throws wal.diverged where
 * the server cannot have written it.
 */
export async function resumePoint(
  wal: ClusterWal,
  server: ServerIdentity,
  segmentSize: number,
  history: (timeline: number) => Promise<string>,
): Promise<ResumePoint | undefined> {
  const held = await newestHeld(wal);
  if (!held) return undefined;
  if (held.timeline > server.timeline)
    throw diverged(`the server is on timeline ${server.timeline}, and WAL of timeline ${held.timeline} is stored`);
  if (held.timeline === server.timeline) {
    if (held.end > server.position)
      throw diverged(`the server's WAL ends at ${formatLsn(server.position)}, and ${formatLsn(held.end)} is stored`);
    return pointAt(held.timeline, held.end, segmentSize);
  }
  const way = parseHistory(server.timeline, await history(server.timeline));
  const at = way.findIndex(({ timeline }) => timeline === held.timeline);
  const left = way[at]?.end;
  if (at < 0 || left === undefined)
    throw diverged(`timeline ${server.timeline} of the server does not come from ${held.timeline}, which is stored`);
  if (held.end < left) return pointAt(held.timeline, held.end, segmentSize);
  const next = way[at + 1]?.timeline ?? server.timeline;
  const start = segmentStart(left, segmentSize);
  return { timeline: next, start, stored: start };
}

async function newestHeld(wal: ClusterWal): Promise<{ readonly timeline: number; readonly end: bigint } | undefined> {
  for (const timeline of (await wal.timelines()).toSorted((a, b) => b - a)) {
    const last = (await spansOf(wal.runs(timeline))).at(-1);
    if (last) return { timeline, end: last.end };
  }
  return undefined;
}

/** The segment, or where that is longer the block, in which the stored WAL ends comes once more. */
function pointAt(timeline: number, end: bigint, segmentSize: number): ResumePoint {
  const segment = segmentStart(end, segmentSize);
  const block = end - (end % walBlock);
  return { timeline, start: segment > block ? segment : block, stored: end };
}

/** The stored WAL from the resume point on, to be compared: undefined where all of it cannot be read. */
export async function storedBytes(
  wal: ClusterWal,
  { timeline, start, stored }: ResumePoint,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(Number(stored - start));
  const runs = [];
  for await (const block of blocksOf(wal.runs(timeline)))
    runs.push(...fewest(block.filter((run) => run.end > start && run.start < stored)));
  if (reachFrom(await spansOf(runs), start) < stored) return undefined;
  for (const run of runs) {
    const held = await readable(wal, run);
    if (!held) return undefined;
    const skip = run.start < start ? Number(start - run.start) : 0;
    const at = run.start < start ? 0 : Number(run.start - start);
    bytes.set(held.subarray(skip, skip + bytes.length - at), at);
  }
  return bytes;
}

/** Undefined for damage: it must not keep new WAL away, and the server sends the block once more. */
async function readable(wal: ClusterWal, run: WalRun): Promise<Uint8Array | undefined> {
  try {
    return (await wal.read(run)).bytes;
  } catch (error) {
    if (isCode(error, 'repository.corrupt')) return undefined;
    throw error;
  }
}

export function diverged(what: string): HoldfastError {
  return new HoldfastError('wal.diverged', what);
}
