/** A length of calendar time: `30d`, `1y6m`, `12h`. */
export interface Span {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
}

const notation = /^(?:(\d{1,5})y)?(?:(\d{1,5})m)?(?:(\d{1,5})w)?(?:(\d{1,6})d)?(?:(\d{1,7})h)?$/;

/** `1y6m2w3d12h`, any part of it in that order; undefined for anything else and for nothing at all. */
export function parseSpan(text: string): Span | undefined {
  const found = text === '' ? null : notation.exec(text);
  if (!found) return undefined;
  const [years, months, weeks, days, hours] = found.slice(1).map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { years, months, weeks, days, hours };
}

/** The span as `parseSpan` reads it; `0h` for an empty one. */
export function formatSpan(span: Span): string {
  const parts = [`${span.years}y`, `${span.months}m`, `${span.weeks}w`, `${span.days}d`, `${span.hours}h`];
  return parts.filter((part) => !/^0\D$/.test(part)).join('') || '0h';
}

/**
 * The time (ms since the epoch) a span before another one, by the calendar of UTC. A day that a month does not have is
 * its last one: a month before 31 March is 28 or 29 February.
 */
export function timeBefore(time: number, span: Span): number {
  const months = span.years * 12 + span.months;
  const date = new Date(time);
  if (months > 0) {
    const day = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() - months);
    date.setUTCDate(Math.min(day, lastDayOf(date)));
  }
  const at = date.getTime() - (span.weeks * 7 + span.days) * dayMs - span.hours * hourMs;
  // Before what dates can hold: before everything.
  return Number.isNaN(at) ? -Infinity : at;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function lastDayOf(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
