import type { Activity, Peaks, Usual } from './contract.ts';

/** The activity of one snapshot, before it is added to what is usual. */
export type Counts = Omit<Activity, 'usual'>;

/** A resource as a snapshot found it. */
export interface Judged {
  readonly entries: number;
  readonly bytes: number;
  /** Ms since the epoch. */
  readonly finishedAt: number;
  readonly counts: Counts;
  /** A part could not be listed: what is missing is not known to be gone. */
  readonly hidden?: boolean;
}

/** The resource's record in the snapshot before. */
export interface JudgedBefore extends Omit<Judged, 'counts' | 'hidden'> {
  readonly activity?: Activity;
}

/** Shares of what was there before. */
export interface Step {
  readonly removed: number;
  readonly shrunk: number;
  readonly rewritten: number;
}

const dayMs = 86_400_000;
// What happens once a month stays known.
const peakKeptMs = 35 * dayMs;
// Less is no alarm by itself.
const leastNoted = 0.1;
const halfLifeMs = 14 * dayMs;

export const nothingUsual: Usual = { fresh: 0, dense: 0 };

export function stepOf({ bytes, counts, hidden = false }: Judged, before: JudgedBefore | undefined): Step {
  if (before === undefined) return { removed: 0, shrunk: 0, rewritten: 0 };
  const { added, changed, removed } = counts;
  return {
    // Where many came as well, they were replaced: a new release, a folder that was moved.
    removed: added < removed / 2 ? share(removed, before.entries) : 0,
    shrunk: hidden ? 0 : share(before.bytes - bytes, before.bytes),
    rewritten: share(changed + Math.min(added, removed), before.entries),
  };
}

export function usualWith(usual: Usual, step: Step, now: Judged, elapsed: number): Usual {
  const { finishedAt: at, counts } = now;
  const fading = 2 ** (-Math.max(0, elapsed) / halfLifeMs);
  return {
    ...named('removed', peaksWith(usual.removed, step.removed, at)),
    ...named('shrunk', peaksWith(usual.shrunk, step.shrunk, at)),
    ...named('rewritten', peaksWith(usual.rewritten, step.rewritten, at)),
    fresh: Math.round(usual.fresh * fading + counts.fresh),
    dense: Math.round(usual.dense * fading + counts.dense),
  };
}

function named(name: string, peaks: Peaks): Partial<Usual> {
  return peaks.length === 0 ? {} : { [name]: peaks };
}

/** The peaks with one more share. What does not come again within five weeks is forgotten. */
export function peaksWith(peaks: Peaks | undefined, found: number, at: number): Peaks {
  const known = current(peaks, at).map((peak) => (found >= peak.share / 2 ? { ...peak, at } : peak));
  if (found < leastNoted) return known;
  const noted = { share: Math.round(found * 1000) / 1000, at };
  return [...known, noted].sort((a, b) => b.share - a.share).slice(0, 2);
}

function current(peaks: Peaks | undefined, at: number): Peaks {
  return (peaks ?? []).filter((peak) => at - peak.at <= peakKeptMs);
}

/**
 * Whether a share is far above what is usual: twice as large, or leaving less than half of what that leaves. Of what loses
 * 90 % every night, 96 % is unusual.
 */
export function isUnusual(found: number, peaks: Peaks | undefined, at: number): boolean {
  const most = current(peaks, at)[1]?.share ?? 0;
  return most === 0 || (found > most && found >= Math.min(2 * most, (1 + most) / 2));
}

export function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.max(0, part) / whole;
}
