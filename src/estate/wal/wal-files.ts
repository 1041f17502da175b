import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterWal, WalRun } from '../../repository/wal/contract.ts';
import { blocksOf, fewest } from '../../repository/wal/spans.ts';
import { historyFile, segmentFile, segmentStart } from '../../repository/wal/segments.ts';
import type { TimelinePiece } from './timelines.ts';

export interface WalFilesPlan {
  readonly folder: string;
  readonly segmentSize: number;
  readonly way: readonly TimelinePiece[];
  /** From the segment of the first to that of the last; the last lies on `lastTimeline`. */
  readonly from: bigint;
  readonly to: bigint;
  readonly lastTimeline: number;
  readonly signal: AbortSignal;
}

/** Writes segments, whole in size, and histories of timelines. Returns bytes of WAL written. */
export async function writeWalFiles(
  wal: Pick<ClusterWal, 'runs' | 'read' | 'timelines' | 'history'>,
  plan: WalFilesPlan,
): Promise<number> {
  // All of them, so that the server does not choose for itself the number of a timeline that is taken.
  for (const timeline of await wal.timelines()) {
    const text = await wal.history(timeline);
    if (text !== undefined) await writeFile(join(plan.folder, historyFile(timeline)), text, { mode: 0o600 });
  }
  let from = segmentStart(plan.from, plan.segmentSize);
  let written = 0;
  for (const { timeline, end } of plan.way) {
    const isLast = timeline === plan.lastTimeline || end === undefined;
    const to = isLast ? plan.to : end;
    for await (const block of blocksOf(wal.runs(timeline))) {
      plan.signal.throwIfAborted();
      for (const run of fewest(block.filter((one) => one.end > from && one.start < to)))
        written += await writeRun(wal, run, plan);
    }
    if (isLast) break;
    from = segmentStart(end, plan.segmentSize);
  }
  return written;
}

async function writeRun(
  wal: Pick<ClusterWal, 'read'>,
  run: WalRun,
  { folder, segmentSize }: WalFilesPlan,
): Promise<number> {
  const { bytes } = await wal.read(run);
  for (let at = 0; at < bytes.length;) {
    const lsn = run.start + BigInt(at);
    const offset = Number(lsn % BigInt(segmentSize));
    const length = Math.min(bytes.length - at, segmentSize - offset);
    await writeAt(
      join(folder, segmentFile(run.timeline, lsn, segmentSize)),
      segmentSize,
      bytes.subarray(at, at + length),
      offset,
    );
    at += length;
  }
  return bytes.length;
}

/** Into a file that has its whole size from the beginning; the rest of a new one is zeros, as after the end of WAL. */
async function writeAt(path: string, size: number, bytes: Uint8Array, offset: number): Promise<void> {
  const file = await openFile(path);
  try {
    await file.truncate(size);
    await file.write(bytes, 0, bytes.length, offset);
  } finally {
    await file.close();
  }
}

async function openFile(path: string): ReturnType<typeof open> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return await open(path, 'wx', 0o600);
  }
}
