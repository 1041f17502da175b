import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../kernel/errors.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';
import { createMemoryStore } from '../memory/index.ts';
import { listed } from '../suite/expect.ts';
import { probeClock } from './clock.ts';
import type { Finding } from './contract.ts';
import { load, shared, toolsFor } from './probe-for-test.ts';
import { probeStorageClass } from './storage-class.ts';

describe('the probe names what a store does wrong', () => {
  type Breaking = (store: ObjectStore) => Partial<ObjectStore>;
  let writes = 0;
  const broken: readonly (readonly [string, readonly string[], Breaking])[] = [
    [
      'ignores ifAbsent',
      ['conditional create', 'write-once'],
      (store) => ({ put: (key, parts) => store.put(key, parts) }),
    ],
    [
      'decides ifAbsent too late',
      ['conditional create'],
      (store) => ({
        async put(key, parts, { ifAbsent, ...options } = {}) {
          const taken = ifAbsent && (await store.stat(key)) !== undefined;
          await systemRuntime.clock.sleep(2);
          if (taken) throw new HoldfastError('storage.exists', key);
          return await store.put(key, parts, options);
        },
      }),
    ],
    [
      'refuses and overwrites all the same',
      ['write-once', 'conditional create'],
      (store) => ({
        async put(key, parts, options = {}) {
          try {
            return await store.put(key, parts, options);
          } catch (error) {
            await store.put(key, parts);
            throw error;
          }
        },
      }),
    ],
    [
      'lists what was there a moment ago',
      ['list after write', 'delete'],
      (store) => {
        const seen = new Map<string, { at: number; objects: StoredObject[] }>();
        return {
          async *list(prefix) {
            const last = seen.get(prefix);
            const isFresh = last !== undefined && systemRuntime.clock.now() - last.at < 100;
            const objects = isFresh ? last.objects : await listed(store, prefix);
            if (!isFresh) seen.set(prefix, { at: systemRuntime.clock.now(), objects });
            yield* objects;
          },
        };
      },
    ],
    [
      'loses a write now and then',
      ['read after write'],
      (store) => ({
        async put(key, parts, options) {
          const result = await store.put(key, parts, options);
          if (++writes % 40 === 0) await store.delete(key);
          return result;
        },
      }),
    ],
    [
      'loses objects after a while',
      ['durability'],
      (store) => ({
        async put(key, parts, options) {
          const result = await store.put(key, parts, options);
          if (/\/[ab]\d\/\d+$/.test(key) && ++writes % 5 === 0) setTimeout(() => void store.delete(key), 300);
          return result;
        },
      }),
    ],
    [
      'reads half an object now and then',
      ['read after write'],
      (store) => ({
        async get(key, range) {
          const bytes = await store.get(key, range);
          return ++writes % 30 === 0 ? bytes.subarray(0, bytes.length / 2) : bytes;
        },
      }),
    ],
    ['forgets deletes', ['delete'], () => ({ delete: async () => {} })],
    [
      'is overloaded',
      ['answers'],
      (store) => ({
        async get(key, range) {
          if (++writes % 7 === 0) throw new HoldfastError('storage.throttled', 'slow down');
          return await store.get(key, range);
        },
      }),
    ],
  ];

  it.each(broken)('one that %s', async (_name, names, breakIt) => {
    const whole = createMemoryStore({ runtime: systemRuntime });
    const store: ObjectStore = { ...whole, ...breakIt(whole), close: async () => {} };
    const tools = toolsFor({ ...whole, close: async () => {} }, async () => store);
    const found = await load(tools);
    for (const name of names) {
      expect(found[name]?.outcome).toBe(name === 'answers' ? 'warn' : 'fail');
      expect(found[name]?.said).toMatch(/^broken \d+ of \d+ times; first: .+/);
      expect(found[name]?.consequence).toMatch(/\.$/);
    }
    if (names[0] !== 'answers') expect(found['answers']?.outcome).toBe('ok');
  });

  it('credentials that may not write end it', async () => {
    const store = createMemoryStore({ runtime: systemRuntime });
    const denied: ObjectStore = {
      ...store,
      put: async (key) => {
        throw new HoldfastError('storage.denied', `put of ${key} denied`);
      },
    };
    await expect(load(shared(denied))).rejects.toMatchObject({ code: 'storage.denied' });
  });

  it('a clock that is off', async () => {
    for (const [ms, outcome] of [
      [-120_000, 'ok'],
      [200_000, 'fail'],
      [-3_600_000, 'fail'],
    ] as const) {
      const runtime = { ...systemRuntime, clock: { ...systemRuntime.clock, now: () => Date.now() + ms } };
      const store = createMemoryStore({ runtime });
      expect(await probeClock(toolsFor(store, async () => store))).toMatchObject({ outcome });
    }
  });

  it('a class that is refused, ignored, or not as cold as it says', async () => {
    const whole = createMemoryStore({ runtime: systemRuntime });
    const probe = async (change: Partial<ObjectStore>, name = 'GLACIER'): Promise<Finding> =>
      await probeStorageClass(shared({ ...whole, ...change }), name);
    expect((await probe({})).outcome).toBe('ok');
    const refuses: Partial<ObjectStore> = {
      put: async () => {
        throw new HoldfastError('storage.unsupported', 'InvalidStorageClass');
      },
    };
    expect(await probe(refuses)).toMatchObject({ outcome: 'fail', said: expect.stringContaining('refused') as string });
    const ignores: Partial<ObjectStore> = { put: (key, parts) => whole.put(key, parts) };
    expect(await probe(ignores)).toMatchObject({ said: expect.stringContaining('it lies in STANDARD') as string });
    const warm: Partial<ObjectStore> = { get: async () => new Uint8Array(4) };
    expect(await probe(warm)).toMatchObject({ said: expect.stringContaining('without a thaw') as string });
    const { archive: _, ...capabilities } = whole.capabilities;
    expect((await probe({ capabilities: { ...capabilities, storageClasses: false } })).outcome).toBe('warn');
  });
});
