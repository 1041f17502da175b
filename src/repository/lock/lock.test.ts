import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { contentsOf, createSmall, openSmall, snapshotOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { ObjectStore, StoreProtection } from '../../storage/contract.ts';
import { decorate, type StoreCall } from '../../storage/decorators/forward.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { createVersionedMemoryStore } from '../../storage/memory/versioned.ts';
import { dayMs } from './contract.ts';
import { contents, destroyAll, kept, lock, lockOf, stage } from './lock-for-test.ts';

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
