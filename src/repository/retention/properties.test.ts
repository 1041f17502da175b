import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { keepPeriods, type KeepRules } from '../../kernel/keep-rules.ts';
import { timeBefore } from '../../kernel/span.ts';
import type { Candidate } from './contract.ts';
import { mostDisagreementMs } from './judge.ts';
import { day, histories, hour, kept, noon, ruleSets, source, candidate, keep } from './retention-for-test.ts';
import { slotsIn } from './calendar.ts';

const numRuns = runs(1000, 20_000);
const ids = (list: readonly Candidate[]): string[] => list.map(({ info }) => info.id);
const isHonest = ({ info, storedAt }: Candidate): boolean =>
  Math.abs(info.committedAt - storedAt) <= mostDisagreementMs && info.committedAt - noon <= mostDisagreementMs;

/** Of each source the newest snapshot, of those with believable times, that holds all of it. Written down anew, not taken from the code. */
function newestOfSources(history: readonly Candidate[]): string[] {
  const newest = new Map<string, Candidate>();
  for (const one of history.filter(isHonest))
    for (const { source, expected, captured, selection } of one.sources) {
      if (selection !== undefined || captured === 0 || captured !== expected) continue;
      const known = newest.get(source);
      if (!known || one.info.committedAt >= known.info.committedAt) newest.set(source, one);
    }
  return ids([...newest.values()]);
}

describe('retention', () => {
  it('never forgets the newest complete snapshot of a source, nor the newest of an estate', () => {
    fc.assert(
      fc.property(histories, ruleSets, (history, rules) => {
        const staying = ids(kept(history, rules, { now: noon }));
        expect(staying).toEqual(expect.arrayContaining(newestOfSources(history)));
        const newest = history.findLast((one) => isHonest(one) && one.info.outcome === 'complete');
        if (newest) expect(staying).toContain(newest.info.id);
      }),
      { numRuns },
    );
  });

  it('forgets nothing more the second time', () => {
    fc.assert(
      fc.property(histories, ruleSets, (history, rules) => {
        const once = kept(history, rules, { now: noon });
        expect(ids(kept(once, rules, { now: noon }))).toEqual(ids(once));
      }),
      { numRuns },
    );
  });

  it('keeps a superset by more generous rules', () => {
    const more = fc.record({ period: fc.constantFrom(...keepPeriods), by: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(histories, ruleSets, more, (history, rules, { period, by }) => {
        const counted: KeepRules = { ...rules, count: { ...rules.count, [period]: (rules.count[period] ?? 0) + by } };
        const years = (rules.within[period]?.years ?? 0) + by;
        const longer = { ...(rules.within[period] ?? { months: 0, weeks: 0, days: 0, hours: 0 }), years };
        const timed: KeepRules = { ...rules, within: { ...rules.within, [period]: longer } };
        const staying = ids(kept(history, rules, { now: noon }));
        for (const generous of [counted, timed])
          expect(ids(kept(history, generous, { now: noon }))).toEqual(expect.arrayContaining(staying));
      }),
      { numRuns },
    );
  });

  it('was right to forget: no later snapshot makes the rules want back what they let go', () => {
    fc.assert(
      fc.property(histories, ruleSets, (whole, rules) => {
        const history = whole.filter(isHonest);
        // After each snapshot, and all at once in the end.
        let staying: Candidate[] = [];
        for (const one of history) staying = kept([...staying, one], rules, { now: noon });
        expect(ids(staying)).toEqual(ids(kept(history, rules, { now: noon })));
      }),
      { numRuns },
    );
  });

  it('keeps what is true whatever lies are added: no snapshot with a false time pushes out one with a true one', () => {
    const lies = fc.array(
      fc.record({ committed: fc.integer({ min: -800, max: 4000 }), stored: fc.integer({ min: -60, max: 0 }) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(histories, ruleSets, lies, (history, rules, told) => {
        const honest = history.filter(isHonest);
        if (honest.length === 0) return;
        const forged = told
          .filter(({ committed, stored }) => Math.abs(committed - stored) > 1)
          .map(({ committed, stored }) =>
            candidate(noon + committed * day, [source('a'), source('b'), source('c')], {
              storedAt: noon + stored * day,
            }),
          );
        const staying = ids(kept(honest, rules, { now: noon }));
        expect(ids(kept([...honest, ...forged], rules, { now: noon }))).toEqual(expect.arrayContaining(staying));
      }),
      { numRuns },
    );
  });

  it('keeps of complete snapshots of one source the newest of each of so many slots, and those of the time', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 900 * 24 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(times, ruleSets, (hours, rules) => {
        const history = hours.sort((a, b) => b - a).map((ago) => candidate(noon - ago * hour));
        const slotOf = slotsIn(rules.timeZone);
        const at = history.map(({ info }) => info.committedAt);
        const expected = history.filter(({ info: { committedAt } }) =>
          keepPeriods.some((period) => {
            const slot = (time: number): string => (period === 'last' ? String(time) : slotOf(period, time));
            const isNewest = !at.some((other) => other > committedAt && slot(other) === slot(committedAt));
            const newer = new Set(at.filter((other) => other > committedAt).map(slot));
            newer.delete(slot(committedAt));
            const span = rules.within[period];
            const since = span ? timeBefore(Math.max(...at), span) : Number.POSITIVE_INFINITY;
            return isNewest && (newer.size < (rules.count[period] ?? 0) || committedAt >= since);
          }),
        );
        expect(ids(kept(history, rules))).toEqual(ids(expected));
      }),
      { numRuns },
    );
  });

  it('holds in every zone, over clock changes and leap years: at most one a slot, and each day its newest', () => {
    const changes = [
      ['Europe/Berlin', Date.UTC(2026, 9, 25, 0)],
      ['Europe/Berlin', Date.UTC(2026, 2, 29, 0)],
      ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 12)],
      ['America/St_Johns', Date.UTC(2010, 10, 7, 0)],
      ['Pacific/Apia', Date.UTC(2011, 11, 29, 0)],
      ['UTC', Date.UTC(2028, 1, 28, 0)],
      ['UTC', Date.UTC(2026, 11, 31, 0)],
    ] as const;
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 72 * 4 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(fc.constantFrom(...changes), times, ([timeZone, start], quarters) => {
        const history = quarters.sort((a, b) => a - b).map((quarter) => candidate(start + quarter * 900_000));
        const slotOf = slotsIn(timeZone);
        for (const period of ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const) {
          const staying = kept(history, keep({ count: { [period]: 1000 }, timeZone }));
          const slots = staying.map(({ info }) => slotOf(period, info.committedAt));
          expect(new Set(slots).size).toBe(slots.length);
          expect(new Set(slots)).toEqual(new Set(history.map(({ info }) => slotOf(period, info.committedAt))));
          expect(staying.at(-1)).toBe(history.at(-1));
        }
      }),
      { numRuns },
    );
  });
});
