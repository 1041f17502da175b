import { z } from 'zod';
import { isTimeZone, keepPeriods, keepsAnything, type KeepPeriod, type KeepRules } from '../kernel/keep-rules.ts';
import { parseSpan, type Span } from '../kernel/span.ts';

/** The `plans:` key of holdfast.yaml: backup plans. This version acts on what they select and keep. */

const text = z.string().min(1, 'must not be empty');

const count = z.number().int('expected a whole number').min(0, 'expected a number from 0 on').optional();

const span = z
  .string()
  .refine((value) => parseSpan(value) !== undefined, 'not a length of time: write 30d, 1y6m, 12h')
  .optional();

const keep = z
  .strictObject({
    last: count,
    hourly: count,
    daily: count,
    weekly: count,
    monthly: count,
    yearly: count,
    within: span,
    'within-hourly': span,
    'within-daily': span,
    'within-weekly': span,
    'within-monthly': span,
    'within-yearly': span,
    tags: z.array(text.regex(/^[^=]/, 'expected name or name=value')).optional(),
    'time-zone': z.string().refine(isTimeZone, 'not a time zone: write Europe/Berlin, UTC').optional(),
  })
  .refine((value) => keepsAnything(keepRules(value)), {
    error: 'would keep nothing: say at least one of daily, within, …',
    // A misspelt rule is told as that, and as nothing else.
    when: ({ issues }) => issues.length === 0,
  });

const selectors = z.union([text, z.array(text)], { error: 'expected a selector or a list of them' });

const plan = z.strictObject({
  schedule: text.optional(),
  select: selectors.optional(),
  keep: keep.optional(),
  copies: z.array(text).optional(),
});

export const plansGrammar = z.record(z.string(), plan);

/** One backup plan. */
export interface PlanConfig {
  /** Selectors; `*` is everything. */
  readonly select: readonly string[];
  /** Absent: what it makes is never forgotten by it. */
  readonly keep?: KeepRules;
}

export function plansOf(written: z.output<typeof plansGrammar> = {}): Readonly<Record<string, PlanConfig>> {
  return Object.fromEntries(
    Object.entries(written).map(([name, { select = ['*'], keep }]) => [
      name,
      { select: typeof select === 'string' ? [select] : select, ...(keep ? { keep: keepRules(keep) } : {}) },
    ]),
  );
}

/** Keys of plans that are known but that this version does not act on, as `plans.daily.schedule`. */
export function unusedPlanKeys(written: z.output<typeof plansGrammar> = {}): string[] {
  return Object.entries(written).flatMap(([name, plan]) =>
    (['schedule', 'copies'] as const).filter((key) => plan[key] !== undefined).map((key) => `plans.${name}.${key}`),
  );
}

type WrittenKeep = Partial<Record<KeepPeriod, number | undefined>> & {
  readonly [key in 'within' | `within-${Exclude<KeepPeriod, 'last'>}`]?: string | undefined;
} & { readonly tags?: readonly string[] | undefined; readonly 'time-zone'?: string | undefined };

function keepRules(written: WrittenKeep): KeepRules {
  const count: Partial<Record<KeepPeriod, number>> = {};
  const within: Partial<Record<KeepPeriod, Span>> = {};
  for (const period of keepPeriods) {
    const number = written[period];
    if (number !== undefined) count[period] = number;
    const span = parseSpan(written[period === 'last' ? 'within' : (`within-${period}` as const)] ?? '');
    if (span) within[period] = span;
  }
  const timeZone = written['time-zone'];
  return { count, within, tags: (written.tags ?? []).map(keepTag), ...(timeZone === undefined ? {} : { timeZone }) };
}

/** `name` or `name=value`. */
export function keepTag(written: string): KeepRules['tags'][number] {
  const equals = written.indexOf('=');
  return equals === -1 ? { name: written } : { name: written.slice(0, equals), value: written.slice(equals + 1) };
}
