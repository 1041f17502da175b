import { describe, expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { systemRandom, systemRuntime, type Runtime } from '../../kernel/runtime.ts';
import { describeObjectStore } from '../conformance.ts';
import type { ObjectStore } from '../contract.ts';
import { createMemoryStore } from '../memory/index.ts';
import { listed } from '../suite/expect.ts';
import { withFaults, type StoreFault } from './faults.ts';
import { withRateLimit } from './rate-limit.ts';
import { readOnly } from './read-only.ts';
import { isCrash, withRecording } from './recording.ts';
import { withRetry } from './retry.ts';

const shared = createMemoryStore({ runtime: systemRuntime });
const kept: ObjectStore = { ...shared, close: async () => {} };

const decorators: Readonly<Record<string, (store: ObjectStore) => ObjectStore>> = {
  withRetry: (store) => withRetry(store, { runtime: systemRuntime }),
  'withRetry over a store that fails a fifth of its calls before and after their effect': (store) =>
    withRetry(withFaults(store, { runtime: systemRuntime, faults: unreliable() }), {
      runtime: systemRuntime,
      attempts: 30,
      firstPauseMs: 1,
      longestPauseMs: 2,
    }),
  withRateLimit: (store) =>
    withRateLimit(store, { runtime: systemRuntime, requestsPerSecond: 50_000, bytesPerSecond: 1e9 }),
  'withFaults without faults': (store) => withFaults(store, { runtime: systemRuntime }),
  withRecording: (store) => withRecording(store),
};
for (const [name, decorate] of Object.entries(decorators)) {
  describeObjectStore(name, async () => decorate(kept), { manyObjects: 1100 });
}

/** Simulated time: sleeping takes no time and is added up. */
function simulated(): Runtime & { slept(): number[] } {
  let now = 1_700_000_000_000;
  const pauses: number[] = [];
  return {
    random: systemRandom,
    clock: {
      now: () => now,
      async sleep(ms) {
        pauses.push(ms);
        now += ms;
      },
    },
    slept: () => pauses,
  };
}

function faulty(...faults: StoreFault[]) {
  const runtime = simulated();
  const memory = createMemoryStore({ runtime });
  const store = withFaults(memory, { runtime, faults });
  return { runtime, memory, store };
}

/** Every fifth call or so fails, half of them after they took effect. */
function unreliable(): StoreFault[] {
  const unlucky = (): boolean => (systemRandom.bytes(1)[0] ?? 0) < 26;
  // Contenders with equal contents (`once`) cannot tell their effects apart. An increment that others have built upon
  // before its repetition (`counter`) is made again: one too many, never one too few.
  const before: StoreFault['match'] = (call) => unlucky() && !call.key.endsWith('/once');
  const after: StoreFault['match'] = (call) => unlucky() && !/\/(once|counter)$/.test(call.key);
  return [
    { match: before, times: Infinity, error: 'storage.unavailable' },
    { match: after, times: Infinity, when: 'after', error: 'storage.throttled' },
  ];
}

describe('withRetry', () => {
  it('repeats retriable failures after growing random pauses, and reports them', async () => {
    const { runtime, store } = faulty({ method: 'put', times: 4, error: 'storage.throttled' });
    const seen: number[] = [];
    const retried = withRetry(store, { runtime, onRetry: (_call, _error, attempt) => seen.push(attempt) });
    await retried.put('a', [utf8('x')]);
    expect(seen).toEqual([1, 2, 3, 4]);
    const slept = runtime.slept();
    for (const [i, bound] of [200, 400, 800, 1600].entries()) {
      expect(slept[i]).toBeGreaterThanOrEqual(bound / 2);
      expect(slept[i]).toBeLessThanOrEqual(bound);
    }
  });

  it('gives up after the attempts, and after the whole time', async () => {
    const some = faulty({ method: 'get', times: 100, error: 'storage.unavailable' });
    await expect(withRetry(some.store, { runtime: some.runtime, attempts: 3 }).get('a')).rejects.toMatchObject({
      code: 'storage.unavailable',
    });
    expect(some.runtime.slept()).toHaveLength(2);
    const many = faulty({ method: 'get', times: 100, error: 'storage.unavailable' });
    const before = many.runtime.clock.now();
    await expect(
      withRetry(many.store, { runtime: many.runtime, attempts: 99, totalMs: 30_000 }).get('a'),
    ).rejects.toMatchObject({ code: 'storage.unavailable' });
    expect(many.runtime.clock.now() - before).toBeLessThanOrEqual(30_000);
    expect(many.runtime.slept().length).toBeGreaterThan(5);
  });

  it.each(['storage.denied', 'storage.full', 'storage.not-found', 'storage.bucket-missing', 'storage.locked'] as const)(
    'does not repeat %s',
    async (code) => {
      const { runtime, store } = faulty({ times: 100, error: code });
      await expect(withRetry(store, { runtime }).get('a')).rejects.toMatchObject({ code });
      expect(runtime.slept()).toEqual([]);
    },
  );

  it('does not repeat errors that are no HoldfastErrors', async () => {
    const { runtime, store } = faulty({ times: 100, error: () => new TypeError('a defect') });
    await expect(withRetry(store, { runtime }).stat('a')).rejects.toThrow('a defect');
    expect(runtime.slept()).toEqual([]);
  });

  it('repeats a read that ended early, but not one past the end of the object', async () => {
    const { runtime, store } = faulty({ method: 'get', error: 'storage.truncated' });
    const retried = withRetry(store, { runtime });
    await retried.put('a', [utf8('0123456789')]);
    expect(Buffer.from(await retried.get('a', { offset: 8, length: 2 })).toString()).toBe('89');
    expect(runtime.slept()).toHaveLength(1);
    await expect(retried.get('a', { offset: 8, length: 3 })).rejects.toMatchObject({ code: 'storage.truncated' });
    expect(runtime.slept()).toHaveLength(1);
  });

  it('knows its own ifAbsent and ifMatch again when their answers were lost', async () => {
    const lost: StoreFault = { method: 'put', when: 'after', error: 'storage.unavailable' };
    const { runtime, store } = faulty(lost);
    const retried = withRetry(store, { runtime });
    const { version } = await retried.put('lease', [utf8('owner 1')], { ifAbsent: true });
    expect((await store.stat('lease'))?.version).toBe(version);
    store.addFault(lost);
    const next = await retried.put('lease', [utf8('owner 1, renewed')], { ifMatch: version });
    expect((await store.stat('lease'))?.version).toBe(next.version);
    expect(next.version).not.toBe(version);
  });

  it('does not take the put of another writer for its own', async () => {
    const { runtime, store, memory } = faulty({
      method: 'put',
      error: 'storage.unavailable',
      callback: async () => void (await memory.put('lease', [utf8('owner 2')])),
    });
    const retried = withRetry(store, { runtime });
    await expect(retried.put('lease', [utf8('owner 1')], { ifAbsent: true })).rejects.toMatchObject({
      code: 'storage.exists',
    });
    // Equal content at the first attempt is another writer's.
    await expect(retried.put('lease', [utf8('owner 2')], { ifAbsent: true })).rejects.toMatchObject({
      code: 'storage.exists',
    });
  });

  it('goes on with a list where it broke', async () => {
    const { runtime, store } = faulty();
    for (const key of ['a', 'b', 'c', 'd']) await store.put(key, [utf8(key)]);
    let broken = 0;
    const breaking: ObjectStore = {
      ...store,
      async *list(prefix) {
        let given = 0;
        for await (const object of store.list(prefix)) {
          if (given++ === 2 && broken++ < 2) throw new HoldfastError('storage.unavailable', 'cut');
          yield object;
        }
      },
    };
    const keys = (await listed(withRetry(breaking, { runtime }), '')).map((object) => object.key);
    expect(keys).toEqual(['a', 'b', 'c', 'd']);
    expect(broken).toBeGreaterThan(0);
  });

  it('ends its pause when the run is interrupted', async () => {
    const { store } = faulty({ times: 100, error: 'storage.unavailable' });
    const signal = AbortSignal.timeout(20);
    const retried = withRetry(store, { runtime: systemRuntime, firstPauseMs: 60_000, signal });
    await expect(retried.get('a')).rejects.toThrow(/timeout/i);
  });
});

describe('withRateLimit', () => {
  it('keeps the rate of calls and of bytes', async () => {
    const runtime = simulated();
    const store = withRateLimit(createMemoryStore({ runtime }), {
      runtime,
      requestsPerSecond: 10,
      bytesPerSecond: 1000,
    });
    const before = runtime.clock.now();
    await Promise.all(Array.from({ length: 30 }, (_, i) => store.stat(`k${i}`)));
    // A second's worth passes at once.
    expect(runtime.clock.now() - before).toBeGreaterThanOrEqual(1900);
    const middle = runtime.clock.now();
    await store.put('big', [new Uint8Array(5000)]);
    await store.get('big');
    expect(runtime.clock.now() - middle).toBeGreaterThanOrEqual(8000);
  });
});

describe('withFaults', () => {
  it('fails n times, by method and key, before or after the effect', async () => {
    const { store, memory } = faulty(
      { method: 'put', match: (call) => call.key === 'b', skip: 1, times: 2, error: 'storage.full' },
      { method: 'delete', when: 'after', error: 'storage.unavailable' },
    );
    await store.put('a', [utf8('1')]);
    await store.put('b', [utf8('1')]);
    await expect(store.put('b', [utf8('2')])).rejects.toMatchObject({ code: 'storage.full' });
    await expect(store.put('b', [utf8('2')])).rejects.toMatchObject({ code: 'storage.full' });
    expect(Buffer.from(await memory.get('b')).toString()).toBe('1');
    await store.put('b', [utf8('2')]);
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'storage.unavailable' });
    expect(await memory.stat('a')).toBeUndefined();
  });

  it('garbles, sleeps, calls back, and can be cleared', async () => {
    const seen: string[] = [];
    const { store, runtime } = faulty({
      method: 'get',
      sleepMs: 500,
      callback: (call) => void seen.push(call.key),
      garble: (bytes) => bytes.subarray(1),
    });
    await store.put('a', [utf8('123')]);
    expect(Buffer.from(await store.get('a')).toString()).toBe('23');
    expect([seen, runtime.slept()]).toEqual([['a'], [500]]);
    store.addFault({ times: 9, error: 'storage.denied' });
    await expect(listed(store, '')).rejects.toMatchObject({ code: 'storage.denied' });
    store.clearFaults();
    expect(await listed(store, '')).toHaveLength(1);
  });
});

describe('withRecording', () => {
  it('records what changed and dies at the crash point, for good', async () => {
    const memory = createMemoryStore({ runtime: systemRuntime });
    const whole = withRecording(memory);
    await whole.put('a', [utf8('12'), utf8('3')]);
    await whole.get('a');
    await whole.delete('a');
    expect(whole.calls).toEqual([
      { method: 'put', key: 'a', bytes: 3 },
      { method: 'delete', key: 'a' },
    ]);
    for (const when of ['before', 'after'] as const) {
      const dying = withRecording(memory, { crash: { call: 1, when } });
      await dying.put('first', [utf8(when)]);
      const crash = await dying.put('second', [utf8(when)]).catch((error: unknown) => error);
      expect(isCrash(crash)).toBe(true);
      await expect(dying.get('first')).rejects.toThrow(/^crashed/);
      await expect(dying.delete('first')).rejects.toThrow(/^crashed/);
      await expect(listed(dying, '')).rejects.toThrow(/^crashed/);
      expect((await memory.stat('second')) === undefined).toBe(when === 'before');
      await memory.delete('second');
    }
  });
});

describe('readOnly', () => {
  it('reads and lists, and refuses every change', async () => {
    const memory = createMemoryStore({ runtime: systemRuntime });
    await memory.put('a', [utf8('1')]);
    const store = readOnly(memory);
    expect(Buffer.from(await store.get('a')).toString()).toBe('1');
    expect((await store.stat('a'))?.size).toBe(1);
    expect(await listed(store, '')).toHaveLength(1);
    await expect(store.put('a', [])).rejects.toMatchObject({ code: 'storage.denied' });
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'storage.denied' });
    await expect(store.capabilities.extendLock?.('a', 1, 'governance')).rejects.toMatchObject({
      code: 'storage.denied',
    });
  });
});
