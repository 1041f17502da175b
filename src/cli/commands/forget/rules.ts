import { keepTag } from '../../../config/plans.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import { isTimeZone, keepPeriods, keepsAnything, type KeepPeriod, type KeepRules } from '../../../kernel/keep-rules.ts';
import { parseSpan, type Span } from '../../../kernel/span.ts';

/** The options that say what to keep, as the command line gives them. */
export interface KeepOptions {
  readonly keepLast?: string;
  readonly keepHourly?: string;
  readonly keepDaily?: string;
  readonly keepWeekly?: string;
  readonly keepMonthly?: string;
  readonly keepYearly?: string;
  readonly keepWithin?: string;
  readonly keepWithinHourly?: string;
  readonly keepWithinDaily?: string;
  readonly keepWithinWeekly?: string;
  readonly keepWithinMonthly?: string;
  readonly keepWithinYearly?: string;
  readonly keepTag?: readonly string[];
  readonly timeZone?: string;
}

const countOptions = {
  last: 'keepLast',
  hourly: 'keepHourly',
  daily: 'keepDaily',
  weekly: 'keepWeekly',
  monthly: 'keepMonthly',
  yearly: 'keepYearly',
} as const satisfies Record<KeepPeriod, keyof KeepOptions>;

const withinOptions = {
  last: 'keepWithin',
  hourly: 'keepWithinHourly',
  daily: 'keepWithinDaily',
  weekly: 'keepWithinWeekly',
  monthly: 'keepWithinMonthly',
  yearly: 'keepWithinYearly',
} as const satisfies Record<KeepPeriod, keyof KeepOptions>;

/** The rules that the options say; undefined where they say none. Throws usage.invalid. */
export function keepRulesOf(options: KeepOptions): KeepRules | undefined {
  const count: Partial<Record<KeepPeriod, number>> = {};
  const within: Partial<Record<KeepPeriod, Span>> = {};
  for (const period of keepPeriods) {
    const number = options[countOptions[period]];
    if (number !== undefined) count[period] = parseCount(`--keep-${period}`, number);
    const span = options[withinOptions[period]];
    if (span !== undefined)
      within[period] = spanOf(period === 'last' ? '--keep-within' : `--keep-within-${period}`, span);
  }
  const { keepTag: tags = [], timeZone } = options;
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw new HoldfastError('usage.invalid', `--time-zone ${timeZone}: no such time zone`, {
      hint: 'Write its IANA name, for example Europe/Berlin.',
    });
  const isSaid = tags.length > 0 || Object.keys(count).length > 0 || Object.keys(within).length > 0;
  if (!isSaid) return undefined;
  const rules = { count, within, tags: tags.map(keepTag), ...(timeZone === undefined ? {} : { timeZone }) };
  if (keepsAnything(rules)) return rules;
  throw new HoldfastError('usage.invalid', 'these rules would keep nothing; no snapshot was forgotten', {
    hint: 'Name snapshots to delete exactly those, or say what to keep.',
  });
}

function parseCount(option: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new HoldfastError('usage.invalid', `${option} ${text}: it must be a whole number`);
}

function spanOf(option: string, text: string): Span {
  const span = parseSpan(text);
  if (span) return span;
  throw new HoldfastError('usage.invalid', `${option} ${text}: it must be a length of time such as 30d, 1y6m or 12h`);
}
