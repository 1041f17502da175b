import * as fc from 'fast-check';
import { keepPeriods, type KeepRules } from '../../kernel/keep-rules.ts';
import { parseSpan, type Span } from '../../kernel/span.ts';
import type { SourceRecord } from '../contract.ts';
import type { Candidate, Decision, ForgetPolicy } from './contract.ts';
import { judge } from './judge.ts';

export const day = 86_400_000;
export const hour = 3_600_000;
export const noon = Date.UTC(2026, 10, 20, 12);

export function source(name: string, more: Partial<SourceRecord> = {}): SourceRecord {
  return { source: name, type: 'local', expected: 2, captured: 2, partial: 0, failures: [], ...more };
}

let made = 0;

/** A snapshot of the sources (complete by themselves), stored when it says it was committed. */
export function candidate(
  committedAt: number,
  sources: readonly SourceRecord[] = [source('tools')],
  more: { readonly storedAt?: number; readonly tags?: Readonly<Record<string, string>>; readonly estate?: string } = {},
): Candidate {
  return {
    info: {
      id: `${Math.max(0, Math.floor(committedAt)).toString(16).padStart(12, '0')}${String(made++).padStart(20, '0')}`,
      estate: more.estate ?? 'acme',
      startedAt: committedAt - 60_000,
      committedAt,
      outcome: sources.every(({ expected, captured }) => captured === expected) ? 'complete' : 'partial',
      host: 'test',
      tags: more.tags ?? {},
      totals: { resources: 2, entries: 0, bytes: 0, reused: 0, storedBytes: 0 },
    },
    sources,
    storedAt: more.storedAt ?? committedAt,
  };
}

export function span(text: string): Span {
  const parsed = parseSpan(text);
  if (!parsed) throw new Error(`${text} is no span`);
  return parsed;
}

export function keep(rules: Partial<KeepRules>): KeepRules {
  return { count: {}, within: {}, tags: [], ...rules };
}

export function decide(
  candidates: readonly Candidate[],
  rules: KeepRules,
  more: { readonly now?: number; readonly trustTimes?: boolean; readonly others?: readonly ForgetPolicy[] } = {},
): Decision[] {
  const newest = Math.max(...candidates.map(({ info }) => info.committedAt));
  return judge(candidates, {
    policies: [{ keep: rules }, ...(more.others ?? [])],
    now: more.now ?? newest,
    trustTimes: more.trustTimes ?? false,
  });
}

/** Those that stay, in the order they were given. */
export function kept(
  candidates: readonly Candidate[],
  rules: KeepRules,
  more: Parameters<typeof decide>[2] = {},
): Candidate[] {
  if (candidates.length === 0) return [];
  const staying = new Set(
    decide(candidates, rules, more)
      .filter(({ action }) => action === 'keep')
      .map(({ snapshot }) => snapshot.id),
  );
  return candidates.filter(({ info }) => staying.has(info.id));
}

const complete = fc.constantFrom('a', 'b', 'c').map((name) => source(name));
const broken = fc.constantFrom('a', 'b', 'c').map((name) => source(name, { captured: 1, partial: 1 }));
const part = fc.constantFrom('a', 'b').map((name) => source(name, { selection: `${name}/x*` }));
const empty = fc.constantFrom('a', 'b').map((name) => source(name, { expected: 0, captured: 0 }));

const sources = fc.uniqueArray(
  fc.oneof({ weight: 6, arbitrary: complete }, { weight: 2, arbitrary: broken }, part, empty),
  { minLength: 1, maxLength: 3, selector: (record) => record.source },
);

/** Any history of up to two months or two years, oldest first: a few of its times are lies, a few snapshots are tagged. */
export const histories: fc.Arbitrary<Candidate[]> = fc
  .tuple(
    fc.constantFrom(60, 730),
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        sources,
        lie: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, fc.integer({ min: -900, max: 900 })),
        tag: fc.option(fc.constantFrom('release', 'pin'), { freq: 12, nil: undefined }),
      }),
      { minLength: 1, maxLength: 25 },
    ),
  )
  .map(([days, made]) =>
    made
      .map(({ at, sources, lie, tag }) => {
        const storedAt = noon - Math.floor(at * days * day);
        return candidate(storedAt + lie * day, sources, { storedAt, ...(tag ? { tags: { [tag]: 'yes' } } : {}) });
      })
      .sort((a, b) => a.info.committedAt - b.info.committedAt),
  );

const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu'];
const spans = fc.constantFrom('6h', '1d', '10d', '3w', '2m', '1y', '1y2m3d').map(span);

/** Any rules that can keep something. */
export const ruleSets: fc.Arbitrary<KeepRules> = fc
  .record({
    count: fc.dictionary(fc.constantFrom(...keepPeriods), fc.integer({ min: 0, max: 8 }), { maxKeys: 4 }),
    within: fc.dictionary(fc.constantFrom(...keepPeriods), spans, { maxKeys: 2 }),
    tags: fc.constantFrom([], [{ name: 'release' }]),
    timeZone: fc.constantFrom(...zones),
  })
  .map((rules) => ({
    ...rules,
    count: { last: 1, ...rules.count, ...(rules.count['last'] === 0 ? { last: 1 } : {}) },
  }));
