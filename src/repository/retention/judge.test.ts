import { describe, expect, it } from 'vitest';
import type { Candidate } from './contract.ts';
import { slotsIn } from './calendar.ts';
import { candidate, day, decide, hour, keep, kept, noon, source, span } from './retention-for-test.ts';

const whole = (): ReturnType<typeof source>[] => [source('tools'), source('buckets')];
/** One a day at noon, oldest first. */
const days = (count: number): Candidate[] =>
  Array.from({ length: count }, (_, i) => candidate(noon - (count - 1 - i) * day, whole()));
const places = (list: readonly Candidate[], staying: readonly Candidate[]): number[] =>
  staying.map((one) => list.indexOf(one));
const why = (
  list: readonly Candidate[],
  ...rest: [Parameters<typeof decide>[1], Parameters<typeof decide>[2]?]
): string[] =>
  decide(list, ...rest).map(({ reasons }) =>
    reasons.map(({ rule, of, sources, plan }) => [plan, rule, of, ...sources].filter(Boolean).join(' ')).join('; '),
  );

describe('keep rules', () => {
  it('gives every reason with its day and its sources', () => {
    const list = days(3);
    expect(why(list, keep({ count: { last: 1, daily: 2 }, within: { last: span('1d') } }))).toEqual([
      '',
      'within 1d tools buckets; daily 2026-11-19 tools buckets',
      'last 1 tools buckets; within 1d tools buckets; daily 2026-11-20 tools buckets; newest-complete',
    ]);
  });

  it('lets no run of some sources take the place of a whole one', () => {
    const morning = candidate(noon - 3 * hour, whole());
    const some = candidate(noon, [source('tools')]);
    const list = [...days(2).map(({ info }) => candidate(info.committedAt - day, whole())), morning, some];
    const rules = keep({ count: { daily: 1 } });
    // The newest day of the buckets is the morning's; of the tools it is noon's.
    expect(why(list, rules)).toEqual([
      '',
      '',
      'daily 2026-11-20 buckets; newest-complete',
      'daily 2026-11-20 tools; newest-complete',
    ]);
  });

  it('lets no part of a source take the place of all of it, but the whole one that of a part', () => {
    const part = (at: number): Candidate => candidate(at, [source('buckets', { selection: 'buckets/a*' })]);
    const all = (at: number): Candidate => candidate(at, [source('buckets')]);
    const rules = keep({ count: { daily: 1 } });
    const partLast = [all(noon - 2 * day), all(noon - day), part(noon)];
    expect(places(partLast, kept(partLast, rules))).toEqual([1, 2]);
    const wholeLast = [all(noon - 2 * day), part(noon - day), all(noon)];
    expect(places(wholeLast, kept(wholeLast, rules))).toEqual([2]);
  });

  it('lets what a writer sealed, who cannot read and may be anybody, push out nothing of an owner', () => {
    const own = days(3);
    const forged = days(30).map((one) => ({ ...one, info: { ...one.info, writer: true as const } }));
    const rules = keep({ count: { last: 2 } });
    const staying = kept([...own, ...forged], rules);
    expect(
      places(
        own,
        staying.filter(({ info }) => !info.writer),
      ),
    ).toEqual([1, 2]);
    expect(
      places(
        forged,
        staying.filter(({ info }) => info.writer),
      ),
    ).toEqual([28, 29]);
  });

  it('lets partial snapshots neither take a slot nor use up the count', () => {
    const partial = (at: number): Candidate => candidate(at, [source('tools', { captured: 1, partial: 1 })]);
    const complete = (at: number): Candidate => candidate(at);
    const sameDay = [complete(noon - hour), partial(noon)];
    expect(places(sameDay, kept(sameDay, keep({ count: { daily: 1 } })))).toEqual([0]);
    const weekOfPartial = [
      complete(noon - 9 * day),
      complete(noon - 8 * day),
      ...[3, 2, 1, 0].map((n) => partial(noon - n * day)),
    ];
    expect(places(weekOfPartial, kept(weekOfPartial, keep({ count: { daily: 2 } })))).toEqual([0, 1, 4, 5]);
    expect(places(weekOfPartial, kept(weekOfPartial, keep({ within: { last: span('1d') } })))).toEqual([0, 1, 4, 5]);
    // An estate of which something is always denied is thinned out all the same.
    const always = Array.from({ length: 9 }, (_, i) => partial(noon - (8 - i) * day));
    expect(places(always, kept(always, keep({ count: { daily: 3 } })))).toEqual([6, 7, 8]);
  });

  it('does not take a source that came out empty for complete', () => {
    const emptied = candidate(noon, [source('buckets', { expected: 0, captured: 0 })]);
    const before = candidate(noon - 100 * day, [source('buckets')]);
    expect(kept([before, emptied], keep({ count: { last: 1 } }))).toEqual([before, emptied]);
    const unlisted = candidate(noon, [{ source: 'buckets', type: 's3', captured: 0, partial: 0, failures: [] }]);
    expect(kept([before, unlisted], keep({ count: { last: 1 } }))).toEqual([before, unlisted]);
  });

  it('keeps tagged ones by a rule, pinned ones by any', () => {
    const list = [
      candidate(noon - 5 * day, whole(), { tags: { release: '1' } }),
      candidate(noon - 4 * day, whole(), { tags: { release: '2' } }),
      candidate(noon - 3 * day, whole(), { tags: { pin: 'before the migration' } }),
      candidate(noon, whole()),
    ];
    expect(why(list, keep({ count: { last: 1 }, tags: [{ name: 'release', value: '2' }] }))).toEqual([
      '',
      'tag release=2',
      'pinned before the migration',
      'last 1 tools buckets; newest-complete',
    ]);
    expect(places(list, kept(list, keep({ tags: [{ name: 'release' }] })))).toEqual([0, 1, 2, 3]);
  });

  it('counts back from the newest snapshot: an estate at rest loses nothing', () => {
    const list = days(10);
    const much = noon + 1000 * day;
    expect(places(list, kept(list, keep({ within: { last: span('3d') } }), { now: much }))).toEqual([6, 7, 8, 9]);
    expect(places(list, kept(list, keep({ within: { weekly: span('1y') } }), { now: much }))).toEqual([4, 9]);
  });

  it('refuses rules that would keep nothing', () => {
    for (const rules of [keep({}), keep({ count: { last: 0, daily: 0 } }), keep({ tags: [{ name: 'none' }] })])
      expect(() => decide(days(3), rules)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  });
});

describe('times that cannot be believed', () => {
  const daily = keep({ count: { daily: 3 } });
  const told = (list: readonly Candidate[], more: Parameters<typeof decide>[2] = {}): number[] =>
    places(list, kept(list, daily, { now: noon, ...more }));

  it('pushes nothing out by dates of the future or the past, and says what the store says', () => {
    const future = [1, 2, 3, 4].map((n) => candidate(noon + n * 30 * day, whole(), { storedAt: noon - hour }));
    const past = [0, 1, 2].map((n) => candidate(noon - n * day + hour, whole(), { storedAt: noon + 2 * day }));
    const list = [...days(4), ...future, ...past];
    expect(told(list)).toEqual([1, 2, 3, 5, 6, 7]);
    expect(decide(list, daily, { now: noon })[7]).toMatchObject({
      snapshot: { committedAt: noon + 30 * day },
      doubt: { storedAt: noon - hour },
    });
    // Where both clocks are wrong, this machine's own is left.
    const forged = [1, 2, 3, 4].map((n) => candidate(noon + n * 30 * day, whole()));
    expect(told([...days(4), ...forged])).toEqual([1, 2, 3, 5, 6, 7]);
  });

  it('can be told to believe them: a copied repository has all its objects of one day', () => {
    const list = days(6).map(({ info }) => candidate(info.committedAt, whole(), { storedAt: noon }));
    // Yesterday's and today's are near enough; of the others three are kept, among themselves.
    expect(told(list)).toEqual([1, 2, 3, 4, 5]);
    expect(told(list, { trustTimes: true })).toEqual([3, 4, 5]);
  });
});

describe('plans', () => {
  const tools = {
    name: 'hourly',
    keep: keep({ count: { hourly: 3 } }),
    holds: ({ source }: { source: string }) => source === 'tools',
  };
  const all = { name: 'daily', keep: keep({ count: { daily: 2 } }) };
  const list = [
    candidate(noon - 2 * day, whole()),
    candidate(noon - day, whole()),
    ...[5, 4, 3, 2].map((n) => candidate(noon - n * hour, [source('tools')])),
    candidate(noon, whole()),
  ];

  it('judge only what they are for, and what one keeps another does not forget', async () => {
    const { judge } = await import('./judge.ts');
    const stay = (...policies: Parameters<typeof judge>[1]['policies']): number[] =>
      judge(list, { policies, now: noon, trustTimes: false }).flatMap(({ action }, i) =>
        action === 'keep' ? [i] : [],
      );
    expect(stay(tools)).toEqual([0, 1, 3, 4, 5, 6]);
    expect(stay(tools, all)).toEqual([0, 1, 3, 4, 5, 6]);
    expect(stay(all)).toEqual([1, 6]);
    expect(stay(all, tools)).toEqual([1, 3, 4, 5, 6]);
  });
});

describe('calendar', () => {
  it.each([
    ['weekly', '2026-12-31T12:00Z', 'UTC', '2026-W53'],
    ['weekly', '2027-01-03T23:59Z', 'UTC', '2026-W53'],
    ['weekly', '2027-01-04T00:00Z', 'UTC', '2027-W01'],
    ['weekly', '2024-12-30T00:00Z', 'UTC', '2025-W01'],
    ['daily', '2028-02-29T23:59Z', 'UTC', '2028-02-29'],
    ['daily', '2026-11-20T23:30Z', 'Europe/Berlin', '2026-11-21'],
    ['daily', '2026-11-20T02:30Z', 'America/New_York', '2026-11-19'],
    ['hourly', '2026-10-25T00:30Z', 'Europe/Berlin', '2026-10-25T02+02:00'],
    ['hourly', '2026-10-25T01:30Z', 'Europe/Berlin', '2026-10-25T02+01:00'],
    ['hourly', '2026-11-20T02:30Z', 'UTC', '2026-11-20T02Z'],
    ['monthly', '2026-12-31T23:30Z', 'Asia/Kathmandu', '2027-01'],
    ['yearly', '2026-12-31T23:30Z', 'Asia/Kathmandu', '2027'],
  ] as const)('%s of %s in %s is %s', (period, time, zone, slot) => {
    expect(slotsIn(zone)(period, Date.parse(time))).toBe(slot);
  });
});
