import { describe, expect, it } from 'vitest';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../contract.ts';
import { createMemoryStore } from '../memory/index.ts';
import { createVersionedMemoryStore } from '../memory/versioned.ts';
import { listed } from '../suite/expect.ts';
import { removeBelow } from './cleanup.ts';
import type { Finding } from './contract.ts';
import { probeLoad } from './load.ts';
import { probeLock, probeLockMs } from './lock.ts';
import { shared } from './probe-for-test.ts';

describe('locks', () => {
  it('that hold, with and without versions, are said to hold, and end', async () => {
    for (const create of [createMemoryStore, createVersionedMemoryStore]) {
      const runtime = simulatedRuntime(1);
      const tools = shared(create({ runtime }), runtime);
      expect(await probeLock(tools)).toMatchObject({ outcome: 'ok' });
      expect((await removeBelow(tools.store, tools.prefix))?.objects).toBeGreaterThan(0);
      await runtime.clock.sleep(probeLockMs + 4000);
      expect(await removeBelow(tools.store, tools.prefix)).toBeUndefined();
    }
  });

  it('that are not there, or lie, are found', async () => {
    const runtime = simulatedRuntime(1);
    const whole = createMemoryStore({ runtime });
    const probe = async (change: Partial<ObjectStore>): Promise<Finding> =>
      await probeLock(shared({ ...createMemoryStore({ runtime }), ...change }, runtime));
    const { readLock: _, ...capabilities } = whole.capabilities;
    expect(await probe({ capabilities })).toMatchObject({
      outcome: 'ok',
      said: expect.stringContaining('no ') as string,
    });

    const inner = createMemoryStore({ runtime });
    const locks = new Map<string, { until: number; mode: 'governance' | 'compliance' }>();
    const lies: Partial<ObjectStore> = {
      ...inner,
      put: (key, parts, { retain, ...options } = {}) => {
        if (retain) locks.set(key, retain);
        return inner.put(key, parts, options);
      },
      capabilities: {
        ...inner.capabilities,
        readLock: async (key) => locks.get(key),
        extendLock: async (key, until, mode) => void locks.set(key, { until, mode }),
      },
    };
    const found = await probe(lies);
    expect(found).toMatchObject({ outcome: 'fail', consequence: expect.stringContaining('no protection') as string });
    expect(found.said).toContain('can be deleted');
    expect(found.said).toContain('can be shortened');
    expect(await probe({ ...inner, put: (key, parts) => inner.put(key, parts) })).toMatchObject({
      said: expect.stringContaining('not there') as string,
    });
  });

  it('of a version that can be destroyed are found', async () => {
    const runtime = simulatedRuntime(1);
    const whole = createVersionedMemoryStore({ runtime });
    const { history } = whole.capabilities;
    if (!history) throw new Error('no history');
    const remove = async (key: string, versionId: string): Promise<void> => whole.deleteVersion(key, versionId, true);
    const capabilities = { ...whole.capabilities, history: { ...history, remove } };
    expect(await probeLock(shared({ ...whole, capabilities }, runtime))).toMatchObject({ outcome: 'fail' });
  });
});

describe('tidying up', () => {
  it('removes what is old enough and says what is left', async () => {
    const runtime = simulatedRuntime(1);
    const store = createMemoryStore({ runtime });
    await store.put('doctor/a', [new Uint8Array(1)]);
    await runtime.clock.sleep(1000);
    await store.put('doctor/b', [new Uint8Array(1)]);
    await removeBelow(store, 'doctor/', runtime.clock.now());
    expect((await listed(store, '')).map(({ key }) => key)).toEqual(['doctor/b']);
    const denied = async (key: string): Promise<void> => {
      throw new HoldfastError('storage.denied', `delete of ${key} denied`);
    };
    expect(await removeBelow({ ...store, delete: denied }, 'doctor/')).toEqual({
      objects: 1,
      why: 'delete of doctor/b denied',
    });
  });

  it('follows an interruption', async () => {
    const abort = new AbortController();
    const tools = { ...shared(createMemoryStore({ runtime: systemRuntime })), signal: abort.signal };
    const probing = probeLoad(tools, { seconds: 20 }).catch((error: unknown) => error);
    setTimeout(() => abort.abort(new HoldfastError('run.interrupted', 'interrupted')), 100);
    expect(isCode(await probing, 'run.interrupted')).toBe(true);
    expect(await removeBelow(tools.store, tools.prefix)).toBeUndefined();
    expect(await listed(tools.store, '')).toEqual([]);
  });
});
