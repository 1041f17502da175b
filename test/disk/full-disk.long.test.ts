import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { HoldfastError } from '../../src/kernel/errors.ts';
import { systemRuntime as runtime } from '../../src/kernel/runtime.ts';
import { openRepository } from '../../src/repository/index.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { withFaults } from '../../src/storage/decorators/faults.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { copyStore } from '../repository/copy-store.ts';
import {
  begin,
  contentsOf,
  createSmall,
  noise,
  openSmall,
  passphrase,
  refOf,
  snapshotOf,
  type Contents,
} from '../repository/small-repository.ts';
import { smallDisk, type SmallDisk } from './small-disk.ts';

const first: Contents = { tools: { a: noise(3000, 'a'), b: 'b' }, logs: { l: noise(500, 'l') } };
const second: Contents = {
  ...first,
  tools: { ...first['tools'], c: noise(9000, 'c') },
  media: { d: noise(9000, 'd') },
};

let disk: SmallDisk | undefined;
beforeAll(async () => {
  disk = await smallDisk(24);
});
afterAll(async () => {
  await disk?.remove();
});
beforeEach(() => disk?.makeRoom());

/** A store that is full after so many pages, or where no disk can be made after so many puts; and how to make room in it. */
interface FullStore {
  readonly store: ObjectStore;
  makeRoom(): void;
}

async function fullStores(
  prepare: (store: ObjectStore) => Promise<void>,
): Promise<(room: number) => Promise<FullStore>> {
  if (!disk) {
    const base = createMemoryStore({ runtime });
    await prepare(base);
    return async (room) => {
      const store = withFaults(await copyStore(base, runtime), { runtime });
      store.addFault({ method: 'put', skip: room, times: Infinity, error: 'storage.full' });
      return { store, makeRoom: () => store.clearFaults() };
    };
  }
  const { path, fillBut, makeRoom } = disk;
  const [base, vault] = [join(path, 'base'), join(path, 'vault')];
  await rm(base, { recursive: true, force: true });
  await prepare(await openDirectoryStore({ path: base, runtime, create: true }));
  return async (room) => {
    makeRoom();
    await rm(vault, { recursive: true, force: true });
    await cp(base, vault, { recursive: true });
    const store = await openDirectoryStore({ path: vault, runtime });
    fillBut(room);
    return { store, makeRoom };
  };
}

/** Runs the work with ever more room until it succeeds; what stood in its way each time. */
async function withEverMoreRoom(
  open: (room: number) => Promise<FullStore>,
  work: (store: ObjectStore) => Promise<unknown>,
  check: (store: ObjectStore, done: boolean) => Promise<void>,
): Promise<Set<string>> {
  const places = new Set<string>();
  for (let room = 0; room < 200; room++) {
    const full = await open(room);
    const outcome = await work(full.store).then(
      () => undefined,
      (error: unknown) => error,
    );
    full.makeRoom();
    if (outcome !== undefined) {
      expect(outcome).toBeInstanceOf(HoldfastError);
      expect(['storage.full', 'machine.disk-full']).toContain((outcome as HoldfastError).code);
      places.add((outcome as HoldfastError).resource?.split('/')[0] ?? '');
    }
    await check(full.store, outcome === undefined);
    if (outcome === undefined) return places;
  }
  throw new Error('it never succeeded');
}

it('a repository is made whole or not at all', async () => {
  const open = await fullStores(async () => undefined);
  const places = await withEverMoreRoom(
    open,
    (store) => createSmall({ store, runtime }),
    async (store, done) => {
      const repository = await (done ? openSmall : createSmall)({ store, runtime });
      expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
    },
  );
  expect([...places].sort()).toEqual(['config', 'keys']);
});

it('a snapshot fails wherever the space ends: nothing is damaged, the older one is there, and it is completed', async () => {
  const open = await fullStores(async (store) => void (await snapshotOf(await createSmall({ store, runtime }), first)));
  const places = await withEverMoreRoom(
    open,
    async (store) => {
      const repository = await openSmall({ store, runtime });
      try {
        await snapshotOf(repository, second);
      } finally {
        await repository.close();
      }
    },
    async (store, done) => {
      const repository = await openSmall({ store, runtime });
      expect((await repository.check({ readData: 1 })).damage).toEqual([]);
      const { list } = await repository.snapshots();
      const contents = done ? [first, second] : [first];
      expect(list).toHaveLength(contents.length);
      for (const [i, info] of list.entries()) expect(await contentsOf(repository, info)).toEqual(contents[i]);
      if (!done) expect(await contentsOf(repository, await snapshotOf(repository, second))).toEqual(second);
      await repository.close();
    },
  );
  // Signs of life and checkpoints, packs of both kinds, index, lease, snapshot: as far as a page more tells them apart.
  expect(places.size).toBeGreaterThanOrEqual(4);
});

it('forgetting writes what it means to do first, and deletes nothing where that has no room', async () => {
  const open = await fullStores(async (store) => {
    const repository = await createSmall({ store, runtime });
    await snapshotOf(repository, first);
    await snapshotOf(repository, second);
  });
  const places = await withEverMoreRoom(
    open,
    async (store) => {
      const repository = await openSmall({ store, runtime });
      const [oldest] = (await repository.snapshots()).list;
      await repository.forget({ wanted: { type: 'ids', ids: [oldest?.id ?? ''] }, dryRun: false });
    },
    async (store, done) => {
      const repository = await openSmall({ store, runtime });
      expect((await repository.snapshots()).list).toHaveLength(done ? 1 : 2);
      expect(await contentsOf(repository, await repository.find('latest'))).toEqual(second);
    },
  );
  expect([...places]).toEqual(['audit']);
});

it('a copy goes on when there is room', async () => {
  const source = await createSmall({ store: createMemoryStore({ runtime }), runtime });
  await snapshotOf(source, second);
  const open = await fullStores(async (store) => void (await createSmall({ store, runtime })));
  const { list } = await source.snapshots();
  const places = await withEverMoreRoom(
    open,
    async (store) => {
      const target = await openSmall({ store, runtime });
      try {
        await source.copyTo(target, { snapshots: list });
      } finally {
        await target.close();
      }
    },
    async (store, done) => {
      const target = await openSmall({ store, runtime });
      expect((await target.check({ readData: 1 })).damage).toEqual([]);
      if (!done) await source.copyTo(target, { snapshots: list });
      expect(await contentsOf(target, await target.find('latest'))).toEqual(second);
      await target.close();
    },
  );
  expect(places.size).toBeGreaterThanOrEqual(3);
});

it('the folder for temporary files: the snapshot says so, and the repository is as it was', async () => {
  const store = createMemoryStore({ runtime });
  await snapshotOf(await createSmall({ store, runtime }), first);
  const folder = disk ? join(disk.path, 'cache') : '/nowhere/at/all';
  if (disk) await mkdir(folder, { recursive: true });
  disk?.fillBut(100);
  const settings = { workers: 0, temporaryFolder: folder };
  const repository = await openRepository({ store, runtime, passphrase, settings });
  const session = await begin(repository);
  const resource = await session.resource({ ref: refOf('table'), source: 'table', tags: {} });
  const rows = resource.sink.collection('items', { order: 'unsorted' });
  const document = noise(60_000, 'row');
  const large = async (): Promise<void> => {
    for (let i = 0; i < 400; i++) await rows.add({ key: `k${(i * 7919) % 400}`, kind: 'row', document });
    await resource.finish();
  };
  const failed = await large().then(
    () => undefined,
    (error: unknown) => error as HoldfastError,
  );
  expect(failed).toBeInstanceOf(HoldfastError);
  expect(failed?.code).toBe(disk ? 'machine.disk-full' : 'usage.invalid');
  expect(failed?.message).toContain(folder);
  await repository.close();
  const again = await openSmall({ store, runtime });
  expect((await again.check({ readData: 1 })).damage).toEqual([]);
  expect(await contentsOf(again, await again.find('latest'))).toEqual(first);
});
