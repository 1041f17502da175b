import type { KeepRules } from '../../kernel/keep-rules.ts';
import { timeBefore, type Span } from '../../kernel/span.ts';
import type { Decision } from './contract.ts';
import { judge } from './judge.ts';

export interface SimulatedSchedule {
  /** Between two snapshots; more than nothing. */
  readonly every: Span;
  /** For how long, up to `end`. */
  readonly during: Span;
  /** Time of the last one (ms since the epoch). */
  readonly end: number;
}

/** More than anybody keeps; each takes some memory. */
export const mostSimulated = 50_000;

/**
 * What rules leave of complete snapshots made on a schedule, oldest first. To forget after each snapshot leaves the same as
 * to forget once at the end. Undefined for more than `mostSimulated`. Throws usage.invalid for rules that keep nothing.
 */
export function simulateRetention(rules: KeepRules, schedule: SimulatedSchedule): Decision[] | undefined {
  const { every, during, end } = schedule;
  const start = timeBefore(end, during);
  const times: number[] = [];
  for (let n = 0; ; n++) {
    // Counted from the end and not from the one before: a day that some months lack would pull all others along.
    const time = timeBefore(end, multiple(every, n));
    if (time <= start) break;
    if (times.push(time) > mostSimulated) return undefined;
  }
  const candidates = times.map((committedAt, n) => ({
    info: {
      id: String(times.length - n).padStart(8, '0'),
      estate: '',
      startedAt: committedAt,
      committedAt,
      outcome: 'complete' as const,
      host: '',
      tags: {},
      totals: { resources: 0, entries: 0, bytes: 0, reused: 0, storedBytes: 0 },
    },
    sources: [],
    storedAt: committedAt,
  }));
  return judge(candidates, { policies: [{ keep: rules }], now: end, trustTimes: true });
}

function multiple({ years, months, weeks, days, hours }: Span, n: number): Span {
  return { years: years * n, months: months * n, weeks: weeks * n, days: days * n, hours: hours * n };
}
