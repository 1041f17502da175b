import { describe, expect, it } from 'vitest';
import { defaultAlarms, type Activity, type Peaks } from './contract.ts';
import { judgeResource } from './judge.ts';
import { judgeSource, lossOf } from './sources.ts';
import type { Counts, Judged, JudgedBefore } from './usual.ts';

const nothing: Counts = {
  added: 0,
  changed: 0,
  removed: 0,
  read: 0,
  fresh: 0,
  dense: 0,
  endings: [],
  addedEndings: [],
};
const mebibyte = 1024 * 1024;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

type Changes = Partial<Omit<Judged, 'counts'>> & { readonly did?: Partial<Counts> };

function found({ did, ...changes }: Changes = {}): Judged {
  return { entries: 1000, bytes: 100 * mebibyte, finishedAt: 0, ...changes, counts: { ...nothing, ...did } };
}

/** The record that stays of what was found; the activities of all before are in it. */
function recordOf(now: Judged, before?: JudgedBefore): JudgedBefore {
  const { entries, bytes, finishedAt } = now;
  return { entries, bytes, finishedAt, activity: judgeResource(now, before, undefined).activity };
}

const first = recordOf(found({ did: { added: 1000, fresh: 100 * mebibyte, dense: 20 * mebibyte } }));
const quiet = recordOf(found(), first);

function kinds(now: Judged, before: JudgedBefore | undefined = quiet): string[] {
  return judgeResource(now, before, defaultAlarms).alarms.map(({ kind }) => kind);
}

/** The alarms of each of many snapshots, one after the other. */
function follow(every: number, steps: readonly Changes[]): string[][] {
  let before: JudgedBefore = first;
  return steps.map((step, i) => {
    const now = found({ ...step, finishedAt: (i + 1) * every });
    const alarms = kinds(now, before);
    before = recordOf(now, before);
    return alarms;
  });
}

describe('what is an alarm', () => {
  it.each<[string, Changes]>([
    ['mass-deletion', { entries: 400, bytes: 80 * mebibyte, did: { removed: 600 } }],
    ['mass-deletion', { entries: 600, bytes: 80 * mebibyte, did: { removed: 600, added: 200 } }],
    ['size-collapse', { bytes: 10 * mebibyte }],
    ['mass-change', { did: { changed: 700, read: 9 * mebibyte, fresh: 9 * mebibyte, dense: 5 * mebibyte } }],
    // Written over with the same bytes.
    ['mass-change', { did: { changed: 700, read: 9 * mebibyte, fresh: 1000 } }],
    ['encrypted', { did: { fresh: 10 * mebibyte, dense: 10 * mebibyte } }],
    ['renamed', { did: { added: 200, removed: 200, addedEndings: [{ name: 'locked', count: 200 }] } }],
  ])('%s', (kind, changes) => {
    expect(kinds(found(changes))).toEqual([kind]);
  });

  it('is what is above a threshold, and thresholds can be set', () => {
    const half = found({ entries: 500, bytes: 80 * mebibyte, did: { removed: 500 } });
    expect(kinds(half)).toEqual(['mass-deletion']);
    expect(judgeResource(half, quiet, { ...defaultAlarms, removed: 0.6 }).alarms).toEqual([]);
    expect(judgeResource(half, quiet, { ...defaultAlarms, leastEntries: 1001 }).alarms).toEqual([]);
    expect(judgeResource(half, quiet, undefined).alarms).toEqual([]);
  });

  it('is nothing in a first snapshot, nothing small, nothing that grows', () => {
    expect(
      judgeResource(found({ did: { added: 1000, fresh: mebibyte, dense: mebibyte } }), undefined, defaultAlarms),
    ).toEqual({
      activity: {
        ...nothing,
        added: 1000,
        fresh: mebibyte,
        dense: mebibyte,
        usual: { fresh: mebibyte, dense: mebibyte },
      },
      alarms: [],
    });
    const tiny = { entries: 10, bytes: 1000 };
    expect(kinds(found({ entries: 1, bytes: 100, did: { removed: 9 } }), recordOf(found(tiny), first))).toEqual([]);
    const grown = { added: 5000, changed: 300, read: 60 * mebibyte, fresh: 50 * mebibyte, dense: 10 * mebibyte };
    expect(kinds(found({ entries: 6000, bytes: 150 * mebibyte, did: grown }))).toEqual([]);
  });

  it('is no release: much is written anew, with text and programs, or takes the place of what went', () => {
    const release = {
      changed: 300,
      added: 650,
      removed: 600,
      read: 90 * mebibyte,
      fresh: 80 * mebibyte,
      dense: 2 * mebibyte,
    };
    expect(kinds(found({ entries: 1050, did: release }))).toEqual([]);
    const migrated = { changed: 1000, read: 100 * mebibyte, fresh: 100 * mebibyte, dense: 10 * mebibyte };
    expect(kinds(found({ did: migrated }))).toEqual([]);
    const moved = { added: 900, removed: 900, read: 90 * mebibyte, addedEndings: [{ name: 'jpg', count: 800 }] };
    const photos = recordOf(found({ did: { endings: [{ name: 'jpg', count: 900 }] } }), first);
    expect(kinds(found({ did: moved }), photos)).toEqual([]);
  });

  it('is not what looked encrypted before, but what of it is rewritten', () => {
    const photos = recordOf(found({ did: { added: 1000, fresh: 100 * mebibyte, dense: 97 * mebibyte } }));
    const more = { added: 100, read: 50 * mebibyte, fresh: 50 * mebibyte, dense: 49 * mebibyte };
    expect(kinds(found({ entries: 1100, did: more }), photos)).toEqual([]);
    const attack = { changed: 900, read: 90 * mebibyte, fresh: 90 * mebibyte, dense: 90 * mebibyte };
    expect(kinds(found({ did: attack }), photos)).toEqual(['mass-change']);
  });
});

describe('what a resource usually does', () => {
  const cleared: Changes = { entries: 400, bytes: 80 * mebibyte, did: { removed: 600 } };

  it('is no alarm, also where snapshots are many times more frequent', () => {
    const nights = Array.from({ length: 24 * 5 }, (_, hour) => (hour % 24 === 23 ? cleared : {}));
    const raised = follow(hourMs, nights).flatMap((alarms, hour) => alarms.map((kind) => `${hour} ${kind}`));
    // What happened once is not usual.
    expect(raised).toEqual(['23 mass-deletion', '47 mass-deletion']);
    const weeks = Array.from({ length: 63 }, (_, day) => (day % 7 === 6 ? cleared : {}));
    expect(follow(dayMs, weeks).flatMap((alarms, day) => (alarms.length > 0 ? [day] : []))).toEqual([6, 13]);
    expect(follow(15 * dayMs, [cleared, {}, cleared, {}, cleared]).map(({ length }) => length)).toEqual([
      1, 0, 1, 0, 0,
    ]);
  });

  it('hides nothing that is far worse, and is forgotten', () => {
    const wiped: Changes = { entries: 50, bytes: 80 * mebibyte, did: { removed: 950 } };
    const days = follow(dayMs, [cleared, {}, cleared, {}, cleared, {}, wiped, {}, cleared, {}, wiped]);
    expect(days.map(({ length }) => length)).toEqual([1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(follow(20 * dayMs, [cleared, {}, cleared]).map(({ length }) => length)).toEqual([1, 0, 1]);
    expect(follow(dayMs, [wiped, {}, wiped, {}, wiped]).map(({ length }) => length)).toEqual([1, 0, 1, 0, 0]);
  });

  it('survives a clock that was set back', () => {
    const { usual } = recordOf(found({ finishedAt: -1000 * dayMs }), recordOf(found({ ...cleared }), first))
      .activity as Activity;
    expect(usual.removed).toEqual([{ share: 0.6, at: 0 }]);
  });
});

describe('sources', () => {
  const source = { source: 'buckets', type: 's3-buckets', expected: 2, captured: 2, partial: 0, failures: [] };

  async function judged(have: readonly string[], before: Readonly<Record<string, number>>, usuallyGone?: Peaks) {
    async function* records() {
      for (const [name, bytes] of Object.entries(before)) {
        const ref = { type: 's3-buckets', name, id: name, region: 'r', account: 'a' };
        yield { ref, source: 'buckets', bytes };
        yield { ref: { ...ref, type: 'other' }, source: 'others', bytes };
      }
    }
    const failures = [{ code: 'x', message: 'x', resource: 's3-buckets/denied' }];
    const loss = await lossOf({ ...source, failures }, records(), (key) => have.includes(key.slice(11)));
    return judgeSource(source, loss, usuallyGone, 9 * dayMs, defaultAlarms);
  }

  it('that lose half of their resources, or of their bytes', async () => {
    expect((await judged(['a'], { a: 1, b: 1 })).alarm?.message).toBe('1 of 2 resources are gone, with 1 of 2 bytes');
    expect((await judged([], { only: 1 })).alarm?.kind).toBe('resources-gone');
    expect((await judged(['a', 'b', 'c'], { a: 1, b: 1, c: 1, large: 9 * mebibyte })).alarm?.kind).toBe(
      'resources-gone',
    );
    expect((await judged(['a', 'b', 'c'], { a: 1, b: 1, c: 1, small: 100 })).alarm).toBeUndefined();
    // Told as a failure already.
    expect((await judged(['a'], { a: 1, denied: 1 })).alarm).toBeUndefined();
    expect((await judged([], {})).alarm).toBeUndefined();
  });

  it('that do so every night are known for it', async () => {
    const nights = [0.7, 0.66].map((share) => ({ share, at: 8 * dayMs }));
    const { source: record, alarm } = await judged(['a'], { a: 1, b: 1, c: 1 }, nights);
    expect(alarm).toBeUndefined();
    expect(record.usuallyGone?.map(({ at }) => at)).toEqual([9 * dayMs, 9 * dayMs]);
  });
});
