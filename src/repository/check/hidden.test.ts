import { expect, test } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { createSmall, noise, openSmall, snapshotOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore, StoreHistory } from '../../storage/contract.ts';
import { createVersionedMemoryStore } from '../../storage/memory/versioned.ts';
import type { CheckReport } from './contract.ts';

const runtime = simulatedRuntime(3);

async function checked(store: ObjectStore): Promise<CheckReport> {
  return await (await openSmall({ store, runtime })).check({ readData: 0 });
}

test('objects that were overwritten or hidden by a deletion are named, with the time of the true version', async () => {
  const store = createVersionedMemoryStore({ runtime });
  const repository = await createSmall({ store, runtime });
  await snapshotOf(repository, { a: { x: noise(3000, 'x') } });
  await snapshotOf(repository, { a: { x: noise(3000, 'y') } });
  expect((await checked(store)).notes).toEqual([]);
  const [overwritten = '', deleted = ''] = await keysOf(store, 'data/');
  const written = new Date((await store.stat(overwritten))?.modifiedAt ?? 0).toISOString();
  await runtime.clock.sleep(60_000);
  await store.put(overwritten, [Buffer.from('ransom')]);
  await store.delete(deleted);
  const { damage, notes } = await checked(store);
  expect(damage.map(({ object }) => object).sort()).toEqual([overwritten, deleted].sort());
  const named = notes.map(({ kind, object }) => `${kind} ${object}`);
  expect(named.sort()).toEqual([`suspicious ${overwritten}`, `suspicious ${deleted}`].sort());
  expect(notes.find(({ object }) => object === overwritten)?.text).toContain(
    `the version of ${written} is the true one`,
  );
});

test('credentials that may not list versions cost the names of overwritten objects, not the check', async () => {
  const store = createVersionedMemoryStore({ runtime });
  await snapshotOf(await createSmall({ store, runtime }), { a: { x: noise(3000, 'x') } });
  const history: StoreHistory = {
    ...(store.capabilities.history as StoreHistory),
    async *list() {
      yield* [];
      throw new HoldfastError('storage.denied', 'ListObjectVersions is denied');
    },
  };
  const denied: ObjectStore = { ...store, capabilities: { ...store.capabilities, history } };
  const { damage, notes } = await checked(denied);
  expect(damage).toEqual([]);
  expect(notes).toMatchObject([{ kind: 'versions-unread', text: expect.stringContaining('denied') }]);
});
