import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import type { SnapshotInfo } from '../../../repository/contract.ts';
import { renderSnapshots, shortestIds } from './run.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
});
afterAll(async () => {
  await estate.remove();
});

function info(id: string, changes: Partial<SnapshotInfo> = {}): SnapshotInfo {
  return {
    id,
    estate: 'acme',
    startedAt: 0,
    committedAt: Date.UTC(2026, 10, 20, 2),
    outcome: 'complete',
    host: 'h',
    tags: {},
    totals: { resources: 12_345, entries: 12_345_678, bytes: 5e12, reused: 1, storedBytes: 1e9 },
    ...changes,
  };
}

test('the table fits 80 columns, with times in UTC', () => {
  const lines = renderSnapshots([info('01a1fd8b6ac97319b7244db9e8f807f8')], 80);
  expect(lines[1]).toContain('2026-11-20T02:00:00Z');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

test('ids are as long as they must be to differ', () => {
  expect(shortestIds(['01a1fd8b6ac97319b7244db9e8f807f8'])).toBe(10);
  expect(shortestIds(['01a1fd8b6ac97319b7244db9e8f807f8', '01a1fd8b6ac97320b7244db9e8f807f8'])).toBe(15);
});

test('filters by tag and time; an empty repository says what to do', async () => {
  const empty = await estate.run(['snapshots']);
  expect(empty).toMatchObject({ status: 0, stdout: '' });
  expect(empty.stderr).toContain('holdfast snapshot');
  await estate.run(['snapshot', '--tag', 'a=1', '--tag', 'b=x=y']);
  await estate.run(['snapshot', '--tag', 'a=2']);
  const ids = async (...args: string[]): Promise<number> => {
    const { stdout } = await estate.run(['snapshots', '--json', ...args]);
    return (JSON.parse(stdout) as { snapshots: unknown[] }).snapshots.length;
  };
  expect(await ids()).toBe(2);
  expect(await ids('--tag', 'a=1')).toBe(1);
  expect(await ids('--tag', 'a=1', '--tag', 'b=x=y')).toBe(1);
  expect(await ids('--tag', 'a=1', '--tag', 'b=z')).toBe(0);
  expect(await ids('--since', '2099-01-01')).toBe(0);
  const { stdout } = await estate.run(['snapshots']);
  expect(stdout.trimEnd().split('\n')).toHaveLength(3);
});
