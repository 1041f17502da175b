import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import {
  contentsOf,
  createSmall,
  noise,
  openSmall,
  snapshotOf,
  type Contents,
  type SmallSettings,
} from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore, StoreProtection } from '../../storage/contract.ts';
import { decorate, type StoreCall } from '../../storage/decorators/forward.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { isCrash, withRecording, type CrashPoint } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { createVersionedMemoryStore, type VersionedMemoryStore } from '../../storage/memory/versioned.ts';
import { dayMs, type LockSettings } from './contract.ts';

const lock: LockSettings = { mode: 'compliance', days: 10, ahead: 4 };
const kept = ['config/', 'keys/', 'data/', 'meta/', 'index/', 'snapshots/', 'audit/'];

interface Stage {
  readonly runtime: Runtime;
  readonly store: VersionedMemoryStore;
  readonly small: SmallSettings & { readonly events: (event: HoldfastEvent) => void };
  readonly events: HoldfastEvent[];
}

async function stage(): Promise<Stage> {
  const runtime = simulatedRuntime(1);
  const store = createVersionedMemoryStore({ runtime });
  const events: HoldfastEvent[] = [];
  const small = { store, runtime, lock, events: (event: HoldfastEvent) => void events.push(event) };
  await createSmall(small);
  return { runtime, store, small, events };
}

/** What changes a little every day, and shares most with the day before. */
function contents(day: number): Contents {
  return { tools: { steady: noise(9000, 'steady'), other: noise(500, 'other'), today: noise(3000, day) } };
}

/** What an adversary with every right but time does: each version that can be destroyed is. Returns what could. */
async function destroyAll(store: VersionedMemoryStore): Promise<string[]> {
  const destroyed: string[] = [];
  const versions = [];
  for await (const version of store.capabilities.history?.list('') ?? []) versions.push(version);
  for (const { key, versionId } of versions) {
    try {
      store.deleteVersion(key, versionId, true);
      destroyed.push(key);
    } catch {
      // Locked: that is what it is for.
    }
  }
  return destroyed;
}

async function lockOf(store: ObjectStore, key: string): Promise<number> {
  return (await store.capabilities.readLock?.(key))?.until ?? 0;
}

describe('writing under a lock', () => {
  it('locks every object but leases, checkpoints and the records of locks', async () => {
    const { store, small, runtime } = await stage();
    const repository = await openSmall(small);
    await snapshotOf(repository, contents(1));
    await repository.audit.record('prune', {});
    for (const prefix of kept) {
      const keys = await keysOf(store, prefix);
      expect([prefix, keys.length > 0]).toEqual([prefix, true]);
      for (const key of keys) expect(await lockOf(store, key)).toBeGreaterThan(runtime.clock.now() + 10 * dayMs);
    }
    for (const key of await keysOf(store, ''))
      if (!kept.some((prefix) => key.startsWith(prefix))) expect([key, await lockOf(store, key)]).toEqual([key, 0]);
  });

  it('is refused where the store has no locks, and where a session may outlive one', async () => {
    const runtime = simulatedRuntime(1);
    const locked = createMemoryStore({ runtime });
    const store: ObjectStore = { ...locked, capabilities: { lock: false, storageClasses: false } };
    await expect(createSmall({ store, runtime, lock })).rejects.toMatchObject({ code: 'storage.unsupported' });
    const short = { ...lock, days: 7 };
    await expect(createSmall({ store: locked, runtime, lock: short })).rejects.toMatchObject({
      code: 'config.invalid',
    });
    expect(await keysOf(locked, '')).toEqual([]);
  });

  it.each([
    [{ versioning: false }, 'does not keep versions'],
    [{ lock: false }, 'no Object Lock'],
    [{ expirations: [{ rule: 'r', of: 'current' as const, days: 3650 }] }, 'expires objects of the repository'],
    [{ expirations: [{ rule: 'r', of: 'noncurrent' as const, days: 9 }] }, 'let it wait 10 days'],
    [{ expirations: [{ rule: 'r', of: 'noncurrent' as const, days: undefined }] }, 'at a date'],
  ])('is refused in a bucket that defeats it: %j', async (protection, why) => {
    const runtime = simulatedRuntime(1);
    const protectedBy: Partial<StoreProtection> = {};
    const store = createVersionedMemoryStore({ runtime, protection: protectedBy });
    await createSmall({ store, runtime, lock });
    Object.assign(protectedBy, protection);
    await expect(
      createSmall({ store: createVersionedMemoryStore({ runtime, protection }), runtime, lock }),
    ).rejects.toThrow(why);
    const repository = await openSmall({ store, runtime, lock });
    await expect(snapshotOf(repository, contents(1))).rejects.toMatchObject({ code: 'config.invalid' });
    await expect(repository.lock.extend({})).rejects.toThrow(why);
    expect((await repository.lock.status(0)).problems.join()).toContain(why);
  });

  it('goes on in a bucket whose old versions are cleared away after the lock', async () => {
    const runtime = simulatedRuntime(1);
    const expirations = [{ rule: 'r', of: 'noncurrent' as const, days: 10 }];
    const store = createVersionedMemoryStore({ runtime, protection: { expirations } });
    await snapshotOf(await createSmall({ store, runtime, lock }), contents(1));
  });
});

describe('time passes', () => {
  it('for forty days of snapshots nothing that any of them needs can be destroyed, and few locks are extended', async () => {
    const { store, small, runtime, events } = await stage();
    let extensions = 0;
    const counting = decorate(
      store,
      async (call: StoreCall, work) => {
        if (call.method === 'extendLock') extensions++;
        return await work();
      },
      (prefix) => store.list(prefix),
    );
    for (let day = 0; day < 40; day++) {
      await snapshotOf(await openSmall({ ...small, store: counting }), contents(day));
      await runtime.clock.sleep(dayMs - 1000);
      // The newest must be there for the whole of its days; the older ones are kept by scheduled extensions, not here.
      if (day % 10 !== 9) continue;
      const destroyed = (await destroyAll(store)).filter((key) => !/^(leases|sessions|locks|snapshots)\//.test(key));
      expect(destroyed).toEqual([]);
      const repository = await openSmall(small);
      expect(await contentsOf(repository, await repository.find('latest'))).toEqual(contents(day));
    }
    expect(events).toEqual([]);
    const objects = (await keysOf(store, '')).filter((key) => !/^(leases|sessions|locks)\//.test(key)).length;
    // Once in four days each, not every day each.
    expect(extensions).toBeLessThan((objects * 40) / 6);
  });

  it('kept snapshots stay locked as long as they are extended, and no longer', async () => {
    const { store, small, runtime } = await stage();
    const first = await snapshotOf(await openSmall(small), contents(1));
    const second = await snapshotOf(await openSmall(small), contents(2));
    for (let day = 0; day < 30; day += 5) {
      await runtime.clock.sleep(5 * dayMs);
      await (await openSmall(small)).lock.extend({ keeps: (id) => id === second.id });
    }
    const destroyed = await destroyAll(store);
    expect(destroyed).toContain(`snapshots/${first.id}`);
    expect(destroyed).not.toContain(`snapshots/${second.id}`);
    const repository = await openSmall(small);
    expect(await contentsOf(repository, await repository.find('latest'))).toEqual(contents(2));
  });

  it('without extensions everything can be destroyed after the lock, and not a day before', async () => {
    const { store, small, runtime } = await stage();
    await snapshotOf(await openSmall(small), contents(1));
    await runtime.clock.sleep(13 * dayMs);
    expect((await destroyAll(store)).filter((key) => /^(data|meta|config|keys)\//.test(key))).toEqual([]);
    await runtime.clock.sleep(2 * dayMs);
    expect((await destroyAll(store)).filter((key) => key.startsWith('data/')).length).toBeGreaterThan(0);
  });
});

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

  it('keeps its records few, also where nothing can be deleted', async () => {
    for (const deletes of [true, false]) {
      const { store, small, runtime } = await stage();
      const kept = withFaults(store, { runtime });
      if (!deletes) kept.addFault({ method: 'delete', error: 'storage.denied', times: Infinity });
      for (let day = 0; day < 40; day++) {
        await runtime.clock.sleep(5 * dayMs);
        await snapshotOf(await openSmall({ ...small, store: kept }), { tools: { x: `${day}` } });
      }
      const records = await keysOf(store, 'locks/');
      expect(records.length).toBeLessThan(deletes ? 16 : 50);
      let bytes = 0;
      for (const key of records) bytes += (await store.stat(key))?.size ?? 0;
      expect(bytes).toBeLessThan(deletes ? 30_000 : 100_000);
    }
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
    expect(report.deleted).toEqual({ snapshots: 0, packs: 0, others: 1 });
    expect(other).toBeUndefined();
    await runtime.clock.sleep(9 * dayMs);
    expect((await destroyAll(store)).sort()).toEqual(expect.arrayContaining([victim, `snapshots/${info.id}`]));
    const { asOf } = await import('../../storage/as-of.ts');
    const past = await openSmall({ runtime, store: await asOf(store, before) });
    expect(await contentsOf(past, await past.find('latest'))).toEqual(contents(1));
  });
});

describe('a process that dies while extending', () => {
  it('at any call loses no lock, and the next run completes it without doing it again', async () => {
    const methods = ['put', 'extendLock', 'readLock'] as const;
    async function run(crash?: CrashPoint): Promise<{ calls: number; extended: number }> {
      const { store, small, runtime } = await stage();
      await snapshotOf(await openSmall(small), contents(1));
      await runtime.clock.sleep(6 * dayMs);
      const recorded = withRecording(store, { methods: [...methods], ...(crash ? { crash } : {}) });
      try {
        await (await openSmall({ ...small, store: recorded })).lock.extend({});
      } catch (error) {
        if (!isCrash(error)) throw error;
      }
      const second = await (await openSmall(small)).lock.extend({});
      const status = await (await openSmall(small)).lock.status(1);
      expect(status).toMatchObject({ weaker: [], problems: [], suspicions: [] });
      expect(second.failed).toBe(0);
      for (const prefix of kept)
        for (const key of await keysOf(store, prefix))
          expect(await lockOf(store, key)).toBeGreaterThan(runtime.clock.now() + 10 * dayMs);
      return { calls: recorded.calls.length, extended: second.extended };
    }
    const whole = await run();
    expect(whole.extended).toBe(0);
    for (let call = 0; call < whole.calls; call++)
      for (const when of ['before', 'after'] as const) await run({ call, when });
  });
});
