import { expect, it } from 'vitest';
import type { SnapshotReader } from '../../../repository/contract.ts';
import { snapshotNotices } from './notices.ts';

const now = Date.UTC(2026, 10, 22);
const hour = 60 * 60 * 1000;
const sources = ['app', 'cache', 'tools'].map((name) => ({
  type: 'local',
  name,
  include: [],
  exclude: [],
  options: {},
  at: '1:1',
}));
const config = { sources, tenants: { sources: { app: {} } } };

function reader(committedAt: number, names: readonly string[], captured: readonly string[] = []): SnapshotReader {
  const info = { id: '01a2026668727cdeafd2755a3150273f', committedAt, host: 'vm' };
  return {
    info,
    sources: names.map((source) => ({ source, type: 'local', captured: 1, partial: 0, failures: [] })),
    resources: async function* () {
      await Promise.resolve();
      for (const source of captured) yield { source };
    },
  } as unknown as SnapshotReader;
}

it('says that a snapshot was taken of some sources only, where all of it is restored', async () => {
  const some = reader(now, ['cache']);
  expect(await snapshotNotices(config, some, { path: '' }, now)).toEqual([
    'snapshot 01a202666872 was taken without app, tools: nothing of that is restored',
  ]);
  expect(await snapshotNotices(config, some, { path: '', tenant: 't1' }, now)).toEqual([
    'snapshot 01a202666872 was taken without app: nothing of that is restored',
  ]);
  expect(await snapshotNotices(config, some, { path: 'local/cache' }, now)).toEqual([]);
  expect(await snapshotNotices(config, reader(now, ['cache', 'app'], ['tools']), { path: '' }, now)).toEqual([]);
});

it('says that a snapshot lies in the future', async () => {
  const all = ['app', 'cache', 'tools'];
  expect(await snapshotNotices(config, reader(now + 240 * hour, all), { path: 'local/cache' }, now)).toEqual([
    'snapshot 01a202666872 of vm says it was committed at 2026-12-02T00:00:00.000Z, which is to come: it may hide newer ones',
  ]);
  expect(await snapshotNotices(config, reader(now + 23 * hour, all), { path: '' }, now)).toEqual([]);
});
