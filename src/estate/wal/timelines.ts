import { HoldfastError } from '../../kernel/errors.ts';
import { parseLsn } from '../../connectors/postgres-cluster/lsn.ts';
import type { ClusterWal } from '../../repository/wal/contract.ts';

/** A stretch of one timeline on the way to another; the last one has no end. */
export interface TimelinePiece {
  readonly timeline: number;
  readonly end: bigint | undefined;
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
