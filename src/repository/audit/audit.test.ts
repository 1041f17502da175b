import { describe, expect, it } from 'vitest';
import { copyStore, keysOf } from '../../../test/repository/copy-store.ts';
import { createSmall, openSmall } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { isCrash, withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { auditKey } from './log.ts';

const runtime = simulatedRuntime(1);

async function withRecords(count: number): Promise<ObjectStore> {
  const store = createMemoryStore({ runtime });
  const { audit } = await createSmall({ store, runtime });
  for (let i = 1; i <= count; i++) await audit.record('forget', { snapshot: `s${i}` });
  return store;
}

async function verified(store: ObjectStore, anchors: { number: number; digest: string }[] = []) {
  return await (await openSmall({ store, runtime })).audit.verify(anchors);
}

/** Puts other bytes where an object is. */
async function replace(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  await store.delete(key);
  await store.put(key, [bytes]);
}

describe('the chain', () => {
  it('holds what was recorded, in order, and a head', async () => {
    const report = await verified(await withRecords(3));
    expect(report.problems).toEqual([]);
    expect(report.records.map(({ number, details }) => [number, details])).toEqual([
      [1, { snapshot: 's1' }],
      [2, { snapshot: 's2' }],
      [3, { snapshot: 's3' }],
    ]);
    expect(report.head?.number).toBe(3);
    expect(await verified(await withRecords(0))).toMatchObject({ records: [], problems: [] });
  });

  it.each<[string, (store: ObjectStore) => Promise<void>, string]>([
    ['a record taken out', (store) => store.delete(auditKey(2)), 'missing: record 2'],
    [
      'records taken out',
      async (store) => {
        await store.delete(auditKey(2));
        await store.delete(auditKey(3));
      },
      'missing: records 2 to 3',
    ],
    ['the first taken out', (store) => store.delete(auditKey(1)), 'missing: record 1'],
    [
      'one put in the place of another',
      async (store) => replace(store, auditKey(2), await store.get(auditKey(3))),
      'holds record 3',
    ],
    ['one changed', async (store) => replace(store, auditKey(2), flipped(await store.get(auditKey(2)))), auditKey(2)],
    ['an object of somebody else', (store) => replace(store, auditKey(2), utf8('x')), 'shorter than its header'],
    ['a name that is none', async (store) => void (await store.put('audit/zzz', [utf8('x')])), 'shorter than its'],
  ])('%s is found', async (_, damage, problem) => {
    const store = await withRecords(4);
    await damage(store);
    const { problems } = await verified(store);
    expect(problems.map((one) => one.problem).join('\n')).toContain(problem);
  });

  it('is broken by a record of the same number from another history', async () => {
    const store = await withRecords(1);
    const other = await copyStore(store, runtime);
    await (await openSmall({ store, runtime })).audit.record('forget', { snapshot: 'true' });
    const elsewhere = (await openSmall({ store: other, runtime })).audit;
    await elsewhere.record('forget', { snapshot: 'false' });
    await elsewhere.record('forget', { snapshot: 'more' });
    await store.put(auditKey(3), [await other.get(auditKey(3))]);
    expect((await verified(store)).problems).toEqual([{ object: auditKey(3), problem: 'does not follow record 2' }]);
  });

  it('shows that its end is gone only to who noted the head', async () => {
    const store = await withRecords(3);
    const { head } = await verified(store);
    if (!head) throw new Error('no head');
    await (await openSmall({ store, runtime })).audit.record('prune', {});
    expect((await verified(store, [head])).problems).toEqual([]);
    await store.delete(auditKey(4));
    await store.delete(auditKey(3));
    expect((await verified(store)).problems).toEqual([]);
    expect((await verified(store, [head])).problems).toEqual([
      { object: auditKey(3), problem: 'missing: record 3, noted earlier' },
    ]);
    await (await openSmall({ store, runtime })).audit.record('prune', {});
    expect((await verified(store, [head])).problems).toEqual([
      { object: auditKey(3), problem: 'record 3 is not the one noted earlier' },
    ]);
  });
});

describe('appending', () => {
  it('finds the end without listing thousands of names', async () => {
    const store = await withRecords(30);
    let seen = 0;
    const counting: ObjectStore = {
      ...store,
      async *list(prefix) {
        for await (const object of store.list(prefix)) {
          if (prefix === 'audit/') seen++;
          yield object;
        }
      },
    };
    await (await openSmall({ store: counting, runtime })).audit.record('prune', {});
    expect(seen).toBe(1);
    expect((await verified(store)).head?.number).toBe(31);
  });

  it('goes on behind objects that are no records, however high their numbers', async () => {
    const store = await withRecords(2);
    await store.put(auditKey(3), [utf8('junk')]);
    await store.put('audit/0000000000', [utf8('junk')]);
    await (await openSmall({ store, runtime })).audit.record('prune', {});
    const { records, problems } = await verified(store);
    expect(records.map(({ number }) => number)).toEqual([1, 2, 4]);
    expect(problems.map(({ object }) => object).sort()).toEqual(['audit/0000000000', auditKey(3)]);
  });

  it('gives each of many at once a number of its own', async () => {
    const store = await withRecords(0);
    const repositories = await Promise.all([1, 2, 3, 4].map(() => openSmall({ store, runtime })));
    await Promise.all(repositories.flatMap(({ audit }) => [audit.record('prune', {}), audit.record('forget', {})]));
    const { records, problems } = await verified(store);
    expect(problems).toEqual([]);
    expect(records).toHaveLength(8);
  });
});

describe('an intent', () => {
  it('is followed by its outcome, also by that of a failure', async () => {
    const store = await withRecords(0);
    const { audit } = await openSmall({ store, runtime });
    const work = async (): Promise<number> => 7;
    expect(await audit.during('prune', { packs: 1 }, work, (freed) => ({ freed }))).toBe(7);
    const failing = audit.during('prune', {}, () => Promise.reject(new HoldfastError('storage.full', 'full')));
    await expect(failing).rejects.toMatchObject({ code: 'storage.full' });
    const { records, unfinished } = await verified(store);
    expect(records.map(({ phase, intent, details }) => ({ phase, intent, details }))).toEqual([
      { phase: 'intent', intent: undefined, details: { packs: 1 } },
      { phase: 'outcome', intent: 1, details: { result: 'done', freed: 7 } },
      { phase: 'intent', intent: undefined, details: {} },
      { phase: 'outcome', intent: 3, details: { result: 'failed', code: 'storage.full' } },
    ]);
    expect(unfinished).toEqual([]);
  });

  it('is there before anything is done, and keeps the work from being done when it cannot be stored', async () => {
    const store = withFaults(await withRecords(0), { runtime });
    const { audit } = await openSmall({ store, runtime });
    store.addFault({ method: 'put', error: 'storage.denied' });
    let done = 0;
    const work = async (): Promise<void> => void done++;
    await expect(audit.during('prune', {}, work)).rejects.toMatchObject({ code: 'storage.denied' });
    expect(done).toBe(0);
  });

  it('whose outcome cannot be stored is told, and the work counts', async () => {
    const events: HoldfastEvent[] = [];
    const store = withFaults(await withRecords(0), { runtime });
    const { audit } = await openSmall({ store, runtime, events: (event) => events.push(event) });
    store.addFault({ method: 'put', skip: 1, error: 'storage.denied' });
    expect(await audit.during('prune', {}, async () => 'done')).toBe('done');
    expect(events).toMatchObject([{ type: 'notice', level: 'warning' }]);
    expect((await verified(store)).unfinished).toEqual([1]);
  });

  it('of a process that died at any of its writes leaves a whole chain', async () => {
    for (const call of [0, 1])
      for (const when of ['before', 'after'] as const) {
        const store = await withRecords(1);
        const { audit } = await openSmall({ store: withRecording(store, { crash: { call, when } }), runtime });
        const failed = await audit.during('prune', {}, async () => undefined).catch((error: unknown) => error);
        if (call === 0) expect(isCrash(failed)).toBe(true);
        const { problems, records, unfinished } = await verified(store);
        expect(problems).toEqual([]);
        expect([records.length, unfinished.length]).toEqual(
          call === 0 ? (when === 'before' ? [1, 0] : [2, 1]) : when === 'before' ? [2, 1] : [3, 0],
        );
        await (await openSmall({ store, runtime })).audit.record('prune', {});
        expect((await verified(store)).problems).toEqual([]);
      }
  });
});

it('a record cannot be read without the key', async () => {
  const store = await withRecords(1);
  const bytes = Buffer.from(await store.get((await keysOf(store, 'audit/'))[0] as string));
  expect(bytes.includes('forget')).toBe(false);
});

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 20] = (copy[copy.length - 20] as number) ^ 1;
  return copy;
}
