import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { contentsOf, noise, openSmall, snapshotOf } from '../../../test/repository/small-repository.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import { dayMs } from './contract.ts';
import { contents, destroyAll, lock, lockOf, stage } from './lock-for-test.ts';

describe('extending', () => {
  it('asks for what no record tells, believes the records, and reads back what it extends', async () => {
    const { store, small, runtime } = await stage();
    const repository = await openSmall({ ...small, lock: { ...lock, days: 20 } });
    await snapshotOf(await openSmall(small), contents(1));
    const dry = await repository.lock.extend({ dryRun: true });
    const report = await repository.lock.extend({});
    expect(dry.extended).toBe(report.objects);
    expect(report).toMatchObject({ enough: 0, failed: 0, suspicions: [] });
    expect(report.extended).toBe(report.objects);
    const again = withRecording(store, { methods: ['extendLock', 'readLock'] });
    const second = await (await openSmall({ ...small, store: again })).lock.extend({});
    // The record of the extension itself is the only object nobody asked for yet: it was locked when it was made.
    expect(second).toMatchObject({ extended: 0, failed: 0, enough: second.objects });
    expect(again.calls.map(({ key }) => key).every((key) => key.startsWith('audit/'))).toBe(true);
    expect(await keysOf(store, 'audit/')).toHaveLength(2);
    const status = await (await openSmall(small)).lock.status(1);
    expect(status).toMatchObject({ due: 0, weaker: [], problems: [], suspicions: [] });
    expect(status.readBack).toBe(status.objects);
    expect(status.earliest).toBeGreaterThan(runtime.clock.now() + 10 * dayMs);
  });

  it('is planned without a call that changes anything, and takes no more requests than planned', async () => {
    const { store, small } = await stage();
    await snapshotOf(await openSmall(small), contents(1));
    const counted = withRecording(store, { methods: ['put', 'delete', 'extendLock', 'readLock'] });
    const repository = await openSmall({ ...small, store: counted, lock: { ...lock, days: 20 } });
    const { plan, extended, until } = await repository.lock.extend({ dryRun: true });
    expect(counted.calls).toEqual([]);
    expect(plan?.lockedUntil).toBe(until + 4 * dayMs);
    expect(plan?.folders.map(({ folder }) => folder)).toEqual([
      'config/',
      'data/',
      'index/',
      'keys/',
      'meta/',
      'snapshots/',
    ]);
    expect(plan?.folders.reduce((sum, { objects }) => sum + objects, 0)).toBe(extended);
    for (const { objects, unrecorded, earliest } of plan?.folders ?? [])
      expect(earliest === undefined).toBe(unrecorded === objects);
    await repository.lock.extend({});
    const reads = counted.calls.filter(({ method }) => method === 'readLock').length;
    expect(reads).toBeLessThanOrEqual(plan?.requests.reads ?? 0);
    expect(counted.calls.length - reads).toBeLessThanOrEqual(plan?.requests.writes ?? 0);
    const { plan: nothing } = await repository.lock.extend({ dryRun: true });
    expect(nothing?.folders.map(({ folder }) => folder)).toEqual(['audit/']);
  });

  it('locks exactly what one snapshot needs until a date', async () => {
    const { store, small, runtime } = await stage();
    const first = await snapshotOf(await openSmall(small), { a: { x: noise(5000, 'a') } });
    await snapshotOf(await openSmall(small), { b: { x: noise(5000, 'b') } });
    const until = runtime.clock.now() + 400 * dayMs;
    await (await openSmall(small)).lock.extend({ snapshots: [first.id], until });
    const long = [];
    for (const prefix of ['data/', 'snapshots/'])
      for (const key of await keysOf(store, prefix)) if ((await lockOf(store, key)) >= until) long.push(key);
    expect(long).toHaveLength(2);
    expect(long).toContain(`snapshots/${first.id}`);
    await runtime.clock.sleep(300 * dayMs);
    await destroyAll(store);
    const repository = await openSmall(small);
    expect(await contentsOf(repository, first)).toEqual({ a: { x: noise(5000, 'a') } });
  });

  it('says so when a store accepts an extension and does not keep it', async () => {
    const { store, small } = await stage();
    await snapshotOf(await openSmall(small), contents(1));
    const lying: ObjectStore = { ...store, capabilities: { ...store.capabilities, extendLock: async () => undefined } };
    const strict = await openSmall({ ...small, store: lying, lock: { ...lock, days: 30 } });
    const report = await strict.lock.extend({});
    expect(report.failed).toBe(report.objects);
    expect(report.failures[0]?.problem).toContain('accepted a longer lock');
  });

  it('ends at once where it is denied, and a snapshot is stored all the same', async () => {
    const { store, small, runtime, events } = await stage();
    await snapshotOf(await openSmall(small), contents(1));
    await runtime.clock.sleep(5 * dayMs);
    const denied = withFaults(store, { runtime });
    denied.addFault({ method: 'extendLock', error: 'storage.denied', times: Infinity });
    const repository = await openSmall({ ...small, store: denied });
    const info = await snapshotOf(repository, contents(2));
    expect(await contentsOf(repository, info)).toEqual(contents(2));
    expect(events).toMatchObject([{ type: 'notice', message: expect.stringContaining('run holdfast lock extend') }]);
    await expect(repository.lock.extend({})).rejects.toMatchObject({ code: 'storage.denied' });
  });

  it('without lock settings is refused', async () => {
    const { store, runtime } = await stage();
    const repository = await openSmall({ store, runtime });
    await expect(repository.lock.extend({})).rejects.toMatchObject({ code: 'usage.invalid' });
  });
});

describe('what hides an object', () => {
  it('is named, and the true version stays locked', async () => {
    const { store, small, runtime } = await stage();
    const info = await snapshotOf(await openSmall(small), contents(1));
    const before = runtime.clock.now();
    await runtime.clock.sleep(1000);
    const [pack, other] = await keysOf(store, 'data/');
    const victim = pack ?? '';
    await store.put(victim, [Buffer.from('ransom')]);
    await store.put(`snapshots/${info.id}`, [Buffer.from('ransom')]);
    const [config = ''] = await keysOf(store, 'config/');
    await runtime.clock.sleep(12 * dayMs);
    const repository = await openSmall(small);
    await store.delete(config);
    const report = await repository.lock.extend({});
    expect(report.suspicions.map(({ key }) => key).sort()).toEqual([config, victim, `snapshots/${info.id}`].sort());
    expect(report.deleted).toEqual({ snapshots: 0, packs: 0, wal: 0, others: 1 });
    expect(other).toBeUndefined();
    await runtime.clock.sleep(9 * dayMs);
    expect((await destroyAll(store)).sort()).toEqual(expect.arrayContaining([victim, `snapshots/${info.id}`]));
    const { asOf } = await import('../../storage/as-of.ts');
    const past = await openSmall({ runtime, store: await asOf(store, before) });
    expect(await contentsOf(past, await past.find('latest'))).toEqual(contents(1));
  });
});
