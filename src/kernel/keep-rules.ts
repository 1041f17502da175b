import { formatSpan, type Span } from './span.ts';

/** What of a calendar one snapshot is kept for; `last`: each snapshot for itself. */
export const keepPeriods = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type KeepPeriod = (typeof keepPeriods)[number];

/** A tag that keeps what carries it; without a value, whatever the value. */
export interface KeepTag {
  readonly name: string;
  readonly value?: string;
}

/** Which snapshots are to be kept. A snapshot is kept as soon as one rule keeps it; no rule at all keeps nothing. */
export interface KeepRules {
  /** So many: of the newest hours, days, … that have a snapshot. */
  readonly count: Readonly<Partial<Record<KeepPeriod, number>>>;
  /** For so long, counted back from the newest snapshot: `last` keeps each of them, `daily` one a day. */
  readonly within: Readonly<Partial<Record<KeepPeriod, Span>>>;
  readonly tags: readonly KeepTag[];
  /** IANA name of the zone whose hours, days, … count; default UTC. */
  readonly timeZone?: string;
}

/** Whether the rules can keep anything at all. */
export function keepsAnything({ count, within, tags }: KeepRules): boolean {
  const counts = Object.values(count).some((number) => number > 0);
  return counts || Object.keys(within).length > 0 || tags.length > 0;
}

/** Whether the machine's calendar knows a time zone by that name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The rules in a line: `last 3, daily 7, within 30d, weekly within 1y, tag release`. */
export function showKeepRules({ count, within, tags, timeZone }: KeepRules): string {
  const parts = [
    ...keepPeriods.flatMap((period) => ((count[period] ?? 0) > 0 ? [`${period} ${count[period]}`] : [])),
    ...keepPeriods.flatMap((period) => {
      const span = within[period];
      if (!span) return [];
      return [period === 'last' ? `within ${formatSpan(span)}` : `${period} within ${formatSpan(span)}`];
    }),
    ...tags.map(({ name, value }) => (value === undefined ? `tag ${name}` : `tag ${name}=${value}`)),
  ];
  const zone = timeZone === undefined || timeZone === 'UTC' ? '' : ` (${timeZone})`;
  return `${parts.length === 0 ? 'nothing' : parts.join(', ')}${zone}`;
}
