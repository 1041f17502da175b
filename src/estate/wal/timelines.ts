import { HoldfastError } from '../../kernel/errors.ts';
import { parseLsn } from '../../connectors/postgres-cluster/lsn.ts';
import type { ClusterWal } from '../../repository/wal/contract.ts';

/** A stretch of one timeline on the way to another; the last one has no end. */
export interface TimelinePiece {
  readonly timeline: number;
  readonly end: bigint | undefined;
}

/** Name of the file that says where a timeline comes from: `00000002.history`. */
export function historyFile(timeline: number): string {
  return `${hex8(BigInt(timeline))}.history`;
}

/** Name of the file of a segment: timeline, and number of the segment in two halves (PostgreSQL: xlog_internal.h, XLogFileName). */
export function segmentFile(timeline: number, lsn: bigint, segmentSize: number): string {
  const segment = lsn / BigInt(segmentSize);
  const perHalf = 0x100000000n / BigInt(segmentSize);
  return `${hex8(BigInt(timeline))}${hex8(segment / perHalf)}${hex8(segment % perHalf)}`;
}

/** What `segmentFile` names; undefined for what is no segment. */
export function parseSegment(
  name: string,
  segmentSize: number,
): { readonly timeline: number; readonly start: bigint } | undefined {
  const [, timeline, high, low] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? [];
  if (timeline === undefined) return undefined;
  const perHalf = 0x100000000n / BigInt(segmentSize);
  const segment = BigInt(`0x${high}`) * perHalf + BigInt(`0x${low}`);
  return { timeline: Number.parseInt(timeline, 16), start: segment * BigInt(segmentSize) };
}

/** The beginning of the segment in which a position lies. */
export function segmentStart(lsn: bigint, segmentSize: number): bigint {
  return lsn - (lsn % BigInt(segmentSize));
}

/** The way to a timeline by its history file: each line has a timeline and where it was left. */
export function parseHistory(timeline: number, text: string): TimelinePiece[] {
  const pieces: TimelinePiece[] = [];
  for (const line of text.split('\n')) {
    const [, parent, at] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/i.exec(line) ?? [];
    const end = at === undefined ? undefined : parseLsn(at);
    if (parent !== undefined && end !== undefined) pieces.push({ timeline: Number(parent), end });
  }
  return [...pieces, { timeline, end: undefined }];
}

/**
 * The way from a base backup to a timeline, or to the newest that comes from it. Throws wal.not-found where the timeline asked for does
 * not come from the backup's.
 */
export async function wayTo(
  wal: Pick<ClusterWal, 'timelines' | 'history'>,
  base: { readonly timeline: number; readonly stop: bigint },
  asked?: number,
): Promise<readonly TimelinePiece[]> {
  const stored = await wal.timelines();
  const candidates = asked === undefined ? stored.toSorted((a, b) => b - a) : [asked];
  for (const timeline of candidates) {
    if (timeline === base.timeline) continue;
    const text = await wal.history(timeline);
    const way = text === undefined ? [] : parseHistory(timeline, text);
    const from = way.findIndex((piece) => piece.timeline === base.timeline);
    const left = way[from]?.end;
    if (from >= 0 && (left === undefined || left >= base.stop)) return way.slice(from);
  }
  if (asked === undefined || asked === base.timeline) return [{ timeline: base.timeline, end: undefined }];
  throw new HoldfastError(
    'wal.not-found',
    `timeline ${asked} does not come from timeline ${base.timeline} of the backup`,
    {
      hint: 'See holdfast wal status for the timelines, or choose a base backup of that one.',
    },
  );
}

function hex8(value: bigint): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}
