import { describe, expect, it } from 'vitest';
import { createSmall, snapshotOf } from '../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../test/simulated-time.ts';
import { createMemoryStore } from '../storage/memory/index.ts';
import type { SnapshotInfo } from './contract.ts';
import { findSnapshot } from './snapshots.ts';

const day = 24 * 3600 * 1000;
const start = Date.UTC(2026, 10, 20, 2);

/** Ids as newId makes them: the time of the commit in 12 hex digits, then noise. */
function idAt(time: number, rest: string): string {
  return time.toString(16).padStart(12, '0') + rest.padEnd(20, '0');
}

function info(n: number, rest = `7000${n}`): SnapshotInfo {
  const startedAt = start + n * day;
  return {
    id: idAt(startedAt + 60_000, rest),
    estate: 'acme',
    startedAt,
    committedAt: startedAt + 60_000,
    outcome: 'complete',
    host: 'test',
    tags: {},
    totals: { resources: 0, entries: 0, bytes: 0, reused: 0, storedBytes: 0 },
  };
}

const list = [0, 1, 2, 3].map((n) => info(n));
const found = (reference: string, damaged: readonly string[] = []): number =>
  list.indexOf(findSnapshot(list, reference, damaged));
const code = (reference: string, damaged: readonly string[] = [], among = list): string => {
  try {
    findSnapshot(among, reference, damaged);
    return 'found';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('SNAP', () => {
  it('counts back from the latest', () => {
    expect(['latest', 'latest~0', 'latest~2', 'latest~3'].map((one) => found(one))).toEqual([3, 3, 1, 0]);
    for (const reference of ['latest~4', 'latest~99999999999999999999'])
      expect(code(reference)).toBe('snapshot.not-found');
    expect(code('latest', [], [])).toBe('snapshot.not-found');
  });

  it('takes the beginning of an id, four digits and more, where only one begins so', () => {
    expect(found((list[2] as SnapshotInfo).id)).toBe(2);
    expect(found((list[2] as SnapshotInfo).id.slice(0, 12))).toBe(2);
    expect(code((list[2] as SnapshotInfo).id.slice(0, 5))).toBe('snapshot.ambiguous');
    for (const reference of [
      'ffff',
      '0',
      'abc',
      'lates',
      '',
      'latest~',
      'latest~-1',
      `${(list[2] as SnapshotInfo).id}0`,
    ])
      expect(code(reference), reference).toBe('snapshot.not-found');
  });

  it('takes a time: the newest committed at or before it', () => {
    expect(found('2026-11-21T02:01:00Z')).toBe(1);
    expect(found('2026-11-21T02:00:59Z')).toBe(0);
    expect(found('2026-11-22')).toBe(1);
    expect(found('2030-01-01')).toBe(3);
    expect(code('2026-11-20T02:00:00Z')).toBe('snapshot.not-found');
    expect(code('2026-13-45')).toBe('snapshot.not-found');
  });

  it('gives no older snapshot in the place of a damaged one', () => {
    const newest = idAt(start + 10 * day, 'dead');
    const between = idAt(start + 2.5 * day, 'dead');
    for (const reference of ['latest', 'latest~1', '2030-01-01'])
      expect(code(reference, [newest])).toBe('repository.corrupt');
    expect(found('2026-11-21T03:00:00Z', [newest])).toBe(1);
    expect(found('latest', [between])).toBe(3);
    expect(code('latest~1', [between])).toBe('repository.corrupt');
    expect(code('2026-11-22T20:00:00Z', [between])).toBe('repository.corrupt');
    expect(code(newest.slice(0, 12), [newest])).toBe('repository.corrupt');
    expect(found((list[3] as SnapshotInfo).id, [newest])).toBe(3);
    expect(code('latest', [newest], [])).toBe('repository.corrupt');
    // Something that only lies among the snapshots is none.
    expect(found('latest', ['readme'])).toBe(3);
  });
});

describe('snapshots of one millisecond', () => {
  it('are in the order in which they were committed', async () => {
    const simulated = simulatedRuntime(1);
    const runtime = { ...simulated, clock: { ...simulated.clock, now: () => start } };
    const repository = await createSmall({ store: createMemoryStore({ runtime }), runtime });
    const committed: string[] = [];
    for (let n = 0; n < 6; n++) committed.push((await snapshotOf(repository, {})).id);
    expect(new Set(committed.map((id) => id.slice(0, 12))).size).toBe(1);
    expect((await repository.snapshots()).list.map(({ id }) => id)).toEqual(committed);
    expect((await repository.find('latest')).id).toBe(committed.at(-1));
  });
});
