import type { PastWindow } from './request.ts';

/** Of what time an export is: as it was at `to`, or what changed from `from` (inclusive) to `to` (exclusive). In ms, whole seconds. */
export interface ExportTime {
  readonly from?: number;
  readonly to: number;
}

// An incremental export is of 15 minutes to 24 hours (developer guide, DynamoDB data export to Amazon S3: how it works).
const shortest = 15 * 60_000;
const longest = 24 * 3_600_000;

/**
 * The incremental exports that lead from one moment to a later one, in order; none where there is nothing newer. A window that
 * would be too short begins earlier: an export gives the last state of each item, so that what is told twice stays the
 * same. Undefined where DynamoDB does not have all of that past: only a full export will do.
 */
export function windowsBetween(from: number, to: number, { earliest }: PastWindow): readonly ExportTime[] | undefined {
  const windows: ExportTime[] = [];
  for (let start = from; start < to;) {
    const end = Math.min(start + longest, to);
    const begin = Math.min(start, end - shortest);
    if (begin < earliest) return undefined;
    windows.push({ from: begin, to: end });
    start = end;
  }
  return windows;
}
