import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import {
  begin,
  capture,
  contentsOf,
  noise,
  snapshotOf,
  type Contents,
} from '../../../test/repository/small-repository.ts';
import { numberedFiles } from '../../../test/repository/noisy-files.ts';
import type { Repository } from '../contract.ts';
import { hour, longestSession, grace, makeRepository, first, second } from './prune-for-test.ts';

async function expectWhole(repository: Repository, wanted: readonly Contents[]): Promise<void> {
  expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
  const { list } = await repository.snapshots();
  expect(list).toHaveLength(wanted.length);
  for (const [i, info] of list.entries()) expect(await contentsOf(repository, info)).toEqual(wanted[i]);
}

describe('prune', () => {
  it('marks first, deletes after the grace, and leaves what snapshots need', async () => {
    const { repository, reopen, packs, forget, later } = await makeRepository();
    const old = await snapshotOf(repository, first);
    await later(hour);
    await snapshotOf(await reopen(), second);
    const before = await packs();
    await forget(old);
    const marking = await (await reopen()).prune({ maxUnused: 1 });
    expect(marking.marked.unused.packs).toBeGreaterThan(1);
    expect(marking.swept.packs).toBe(0);
    expect(marking.waiting).toHaveLength(1);
    expect(await packs()).toEqual(before);
    await later(grace - 60_000);
    const early = await (await reopen()).prune({ maxUnused: 1 });
    expect(early.swept.packs).toBe(0);
    expect(early.marked.unused.packs).toBe(0);
    await later(hour);
    const sweeping = await (await reopen()).prune({ maxUnused: 1 });
    expect(sweeping.swept).toEqual(marking.marked.unused);
    expect(sweeping.waiting).toEqual([]);
    expect(await packs()).toHaveLength(before.length - sweeping.swept.packs);
    await expectWhole(await reopen(), [second]);
    const idle = await (await reopen()).prune({ maxUnused: 1 });
    expect(idle.marked.unused.packs + idle.swept.packs).toBe(0);
    expect(idle.neededBytes).toBeGreaterThan(120_000);
  });

  it('spares what came to be needed again during the grace', async () => {
    const { repository, reopen, forget, later } = await makeRepository();
    const old = await snapshotOf(repository, first);
    await forget(old);
    const writer = await reopen();
    await (await reopen()).prune({});
    // It opened before the mark, and counts on what is stored; its session begins now.
    const session = await begin(writer);
    await capture(session, 'tools', first['tools'] ?? {});
    await session.commit([]);
    await later(grace + hour);
    const report = await (await reopen()).prune({});
    expect(report.swept.packs).toBeGreaterThan(0);
    await expectWhole(await reopen(), [first]);
  });

  it('spares what a session took that began before the mark', async () => {
    const { repository, reopen, forget, later } = await makeRepository();
    const old = await snapshotOf(repository, first);
    await later(hour);
    const session = await begin(await reopen());
    await forget(old);
    const marking = await (await reopen()).prune({});
    expect(marking.marked.unused.packs).toBeGreaterThan(0);
    expect((await capture(session, 'tools', first['tools'] ?? {})).reused).toBe(40);
    await session.commit([]);
    await later(grace + hour);
    const report = await (await reopen()).prune({});
    expect(report.spared.packs).toBeGreaterThan(0);
    await expectWhole(await reopen(), [first]);
    const after = await snapshotOf(await reopen(), first);
    expect(after.totals.reused).toBe(40);
  });

  it('keeps what an unfinished session has got, as long as it may be resumed', async () => {
    const { repository, reopen, later } = await makeRepository();
    const session = await begin(repository);
    await capture(session, 'tools', first['tools'] ?? {});
    await session.suspend();
    await later(hour);
    const kept = await (await reopen()).prune({});
    expect(kept.marked.unused.packs).toBe(0);
    await later(longestSession - 2 * hour);
    const resumed = await begin(await reopen(), true);
    expect([...resumed.finished.keys()]).toEqual(['local/tools']);
    await resumed.suspend();
    await later(3 * hour);
    const dead = await (await reopen()).prune({});
    expect(dead.marked.unused.packs).toBeGreaterThan(0);
    await later(grace + hour);
    await (await reopen()).prune({});
    await expectWhole(await reopen(), []);
  });

  it('finds packs that no index names, and removes what dead sessions left', async () => {
    const { repository, store, reopen, packs, later } = await makeRepository();
    store.addFault({
      method: 'put',
      match: ({ key }) => key.startsWith('index/'),
      error: 'storage.unavailable',
      times: Infinity,
    });
    await expect(snapshotOf(repository, first)).rejects.toMatchObject({ code: 'storage.unavailable' });
    store.clearFaults();
    await repository.close();
    expect((await packs()).length).toBeGreaterThan(1);
    const report = await (await reopen()).prune({});
    expect(report.marked.orphan.packs).toBe((await packs()).length);
    await later(grace + hour);
    await (await reopen()).prune({});
    expect(await packs()).toEqual([]);
    expect(await keysOf(store, 'sessions/')).toEqual([]);
  });

  it('does not mark what a session at work has stored and not yet named', async () => {
    const { repository, reopen, packs, runtime } = await makeRepository();
    const session = await begin(repository);
    const resource = await session.resource({
      ref: { type: 'local', name: 'tools', id: '/tools', region: 'local', account: 'local' },
      source: 'tools',
      tags: {},
    });
    const sink = resource.sink.collection('files');
    for (const [key, text] of Object.entries(numberedFiles(100, 'big', 9000)))
      await sink.add({ key, kind: 'blob', content: Buffer.from(text, 'latin1') });
    while ((await packs()).length === 0) await runtime.clock.sleep(10);
    const report = await (await reopen()).prune({});
    expect(report.marked.orphan.packs + report.marked.unused.packs).toBe(0);
    await resource.finish();
    await session.commit([]);
    await expectWhole(await reopen(), [{ tools: numberedFiles(100, 'big', 9000) }]);
  });

  it('rewrites packs that are mostly unused, and small ones when there are many', async () => {
    const { repository, reopen, packs, forget, later } = await makeRepository(1024 * 1024);
    const old = await snapshotOf(repository, { tools: { ...numberedFiles(50, 'keep'), z: noise(600_000, 'z') } });
    await later(hour);
    const kept = { tools: numberedFiles(50, 'keep') };
    await snapshotOf(await reopen(), kept);
    await forget(old);
    const none = await (await reopen()).prune({ maxRewriteBytes: 0 });
    expect(none.rewritten.packs).toBe(0);
    const dry = await (await reopen()).prune({ dryRun: true });
    const before = await packs();
    const report = await (await reopen()).prune({});
    expect(dry.rewritten.packs).toBe(report.rewritten.packs);
    expect(report.rewritten.packs).toBeGreaterThan(0);
    expect(report.rewritten.intoBytes).toBeLessThan(300_000);
    expect((await packs()).length).toBe(before.length + report.rewritten.intoPacks);
    await expectWhole(await reopen(), [kept]);
    await later(grace + hour);
    const swept = await (await reopen()).prune({});
    expect(swept.swept.bytes).toBeGreaterThan(600_000);
    expect(swept.rewritten.packs).toBe(0);
    await expectWhole(await reopen(), [kept]);

    const history: Contents[] = [kept];
    for (let i = 0; i < 12; i++) {
      await later(hour);
      history.push({ tools: { ...kept.tools, [`n${i}`]: noise(900, `n${i}`) } });
      await snapshotOf(await reopen(), history.at(-1) as Contents);
    }
    const merging = await (await reopen()).prune({});
    expect(merging.rewritten.packs).toBeGreaterThan(20);
    expect(merging.rewritten.intoPacks).toBeLessThan(4);
    await later(grace + hour);
    await (await reopen()).prune({});
    expect((await packs()).length).toBeLessThan(6);
    await expectWhole(await reopen(), history);
  });

  it('merges index objects, and readers that had listed the old ones list again', async () => {
    const { repository, store, reopen, later } = await makeRepository();
    await snapshotOf(repository, first);
    for (let i = 0; i < 20; i++) {
      await later(hour);
      await snapshotOf(await reopen(), { tools: { ...first['tools'], x: noise(500, i) } });
    }
    expect((await keysOf(store, 'index/')).length).toBeGreaterThan(20);
    store.addFault({
      method: 'get',
      match: ({ key }) => key.startsWith('index/'),
      skip: 3,
      callback: async () => {
        const report = await (await reopen()).prune({ maxUnused: 1, maxRewriteBytes: 0 });
        expect(report.indexes.after).toBe(1);
      },
    });
    const reader = await reopen();
    expect(await keysOf(store, 'index/')).toHaveLength(1);
    expect((await reader.verify({ readData: 1 })).damage).toEqual([]);
  });

  it('changes nothing in a dry run', async () => {
    const { repository, store, reopen, forget } = await makeRepository();
    await forget(await snapshotOf(repository, first));
    const before = await keysOf(store, '');
    const report = await (await reopen()).prune({ dryRun: true });
    expect(report.marked.unused.packs).toBeGreaterThan(0);
    expect(await keysOf(store, '')).toEqual(before);
  });
});
