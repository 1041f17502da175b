import { describe, expect, it } from 'vitest';
import { isCode } from '../kernel/errors.ts';
import { systemRuntime as runtime } from '../kernel/runtime.ts';
import { contractCases, runContractCase } from './contract-suite.ts';
import type { ObjectStore } from './contract.ts';
import { createMemoryStore } from './memory/index.ts';
import { listed } from './suite/expect.ts';

/** Stores that break one promise each, and the case that must notice. */
const broken: readonly (readonly [string, RegExp, (store: ObjectStore) => Partial<ObjectStore>])[] = [
  ['ignores ifAbsent', /^ifAbsent/, (store) => ({ put: (key, parts) => store.put(key, parts) })],
  ['lets several ifAbsent win', /^of 16 writers/, (store) => ({ put: (key, parts) => store.put(key, parts) })],
  [
    'decides ifMatch a moment too late',
    /^a counter/,
    (store) => ({
      async put(key, parts, { ifMatch, ...options } = {}) {
        if (ifMatch !== undefined) await runtime.clock.sleep(5);
        return await store.put(key, parts, options);
      },
    }),
  ],
  [
    'cuts ranges at the end',
    /^a range past the end/,
    (store) => ({
      async get(key, range) {
        const content = await store.get(key);
        return range === undefined ? content : content.slice(range.offset, range.offset + range.length);
      },
    }),
  ],
  [
    'lists in the order of creation reversed',
    /^keys are listed/,
    (store) => ({
      async *list(prefix) {
        yield* (await listed(store, prefix)).reverse();
      },
    }),
  ],
  [
    'lists one page',
    /^every object of many pages/,
    (store) => ({
      async *list(prefix) {
        yield* (await listed(store, prefix)).slice(0, 1000);
      },
    }),
  ],
  [
    'shows halves while it writes',
    /^readers beside a writer/,
    (store) => ({
      async put(key, parts, options) {
        await store.put(key, parts.slice(0, 1));
        await runtime.clock.sleep(1);
        return await store.put(key, parts, options);
      },
    }),
  ],
  ['forgets deletes', /^a deleted object/, () => ({ delete: async () => {} })],
  [
    'answers for what is absent',
    /^what is not there/,
    (store) => ({ get: (key) => store.get(key).catch(() => new Uint8Array()) }),
  ],
];

describe('the contract suite', () => {
  it.each(broken)('notices a store that %s', async (_name, pattern, breakIt) => {
    const whole = createMemoryStore({ runtime });
    const store: ObjectStore = { ...whole, ...breakIt(whole), close: async () => {} };
    const contractCase = contractCases.find(({ name }) => pattern.test(name));
    expect(contractCase).toBeDefined();
    if (contractCase === undefined) return;
    const tools = { runtime, prefix: 'case/', second: async () => store, manyObjects: 1100 };
    const violation = await runContractCase(contractCase, store, tools).catch((error: unknown) => error);
    expect(isCode(violation, 'storage.unsupported')).toBe(true);
  });

  it('leaves nothing behind', async () => {
    const store = createMemoryStore({ runtime });
    const handle: ObjectStore = { ...store, close: async () => {} };
    for (const contractCase of contractCases) {
      await runContractCase(contractCase, store, {
        runtime,
        prefix: 'p/',
        second: async () => handle,
        manyObjects: 20,
      });
    }
    expect(await listed(store, '')).toEqual([]);
  });
});
