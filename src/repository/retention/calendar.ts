import type { KeepPeriod } from '../../kernel/keep-rules.ts';

/** The name of the hour, day, … a time (ms since the epoch) lies in; `last` has none: there each snapshot stands for itself. */
export type SlotOf = (period: Exclude<KeepPeriod, 'last'>, time: number) => string;

interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  /** Minutes ahead of UTC: tells apart the two hours of one name when clocks are put back. */
  readonly offset: number;
}

/** Slots by the calendar of a time zone (IANA name; UTC when absent). Weeks are those of ISO 8601. */
export function slotsIn(timeZone = 'UTC'): SlotOf {
  const localTime = timeZone === 'UTC' ? utcTime : zoneTime(timeZone);
  return (period, time) => {
    const { year, month, day, hour, offset } = localTime(time);
    const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
    if (period === 'hourly') return `${date}T${digits(hour, 2)}${offset === 0 ? 'Z' : offsetText(offset)}`;
    if (period === 'daily') return date;
    if (period === 'weekly') return isoWeek(year, month, day);
    return period === 'monthly' ? date.slice(0, -3) : digits(year, 4);
  };
}

function utcTime(time: number): LocalTime {
  const date = new Date(time);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    offset: 0,
  };
}

function zoneTime(timeZone: string): (time: number) => LocalTime {
  const format = formatOf(timeZone);
  // The same few times are asked for again for every period and every source.
  const known = new Map<number, LocalTime>();
  return (time) => {
    const again = known.get(time);
    if (again) return again;
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(time)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    const offset = Math.round((Date.UTC(year, month - 1, day, hour, minute) - time) / 60_000);
    const local = { year, month, day, hour, offset };
    known.set(time, local);
    return local;
  };
}

// To make one takes a third of a millisecond.
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}

/** A week belongs to the year its Thursday lies in (ISO 8601). */
function isoWeek(year: number, month: number, day: number): string {
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const ofYear = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  return `${digits(date.getUTCFullYear(), 4)}-W${digits(Math.floor(ofYear / 7) + 1, 2)}`;
}

function offsetText(minutes: number): string {
  const ahead = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(ahead / 60), 2)}:${digits(ahead % 60, 2)}`;
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
