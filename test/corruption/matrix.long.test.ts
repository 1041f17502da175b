import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository, SnapshotInfo } from '../../src/repository/contract.ts';
import { repairedFrom } from '../../src/repository/repair/snapshot.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { copyStore, keysOf } from '../repository/copy-store.ts';
import { contentsOf, openSmall, snapshotOf, type Contents } from '../repository/small-repository.ts';
import { runtime, sample, touched, type Added, type Sample } from './damaged-repository.ts';
import type { Row } from './damage.ts';
import { objectKinds } from './object-kinds.ts';
import { packKinds } from './pack-kinds.ts';
import { walKinds } from './wal-kinds.ts';

let whole: Sample;
let folder: string;
let folders = 0;
beforeAll(async () => {
  whole = await sample();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-matrix-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Place = 'memory' | 'disk';

async function damaged(row: Row, place: Place): Promise<ObjectStore> {
  const empty =
    place === 'memory'
      ? createMemoryStore({ runtime })
      : await openDirectoryStore({ path: join(folder, `${folders++}`), create: true, runtime });
  const store = await copyStore(whole.store, runtime, empty);
  await row.damage(store, whole);
  return store;
}

const cases = [...packKinds, ...objectKinds, ...walKinds].flatMap((row) => {
  const places: readonly Place[] = row.onDisk ? ['memory', 'disk'] : ['memory'];
  return places.map((place) => [row.name, place, row] as const);
});

/** What a check of every byte says: objects, and whom they touch, as one sorted list each. */
async function found(repository: Repository): Promise<{ objects: string[]; touches: string[]; notes: string[] }> {
  const { damage, notes } = await repository.check({ readData: 1 });
  const touches = damage.flatMap((one) =>
    one.touches.map(({ snapshot, resource }) => snapshot.slice(0, 12) + (resource === undefined ? '' : `:${resource}`)),
  );
  return {
    objects: damage.map(({ object }) => object).sort(),
    touches: [...new Set(touches)].sort(),
    notes: [...new Set(notes.map(({ kind }) => kind))].sort(),
  };
}

/** The contents without what is lost; a resource of which nothing is left has no files. */
function without(contents: Contents, lost: Row['lost']): Contents {
  return Object.fromEntries(
    Object.entries(contents).map(([resource, files]) => {
      const gone = lost?.[resource];
      const kept = Object.entries(files).filter(([key]) => gone !== 'all' && gone?.includes(key) !== true);
      return [resource, Object.fromEntries(kept)];
    }),
  );
}

function repairedOf(list: readonly SnapshotInfo[], { info }: Added): SnapshotInfo | undefined {
  return list.find(({ tags }) => tags[repairedFrom] === info.id);
}

describe.each(cases)('%s (%s)', (_, place, row) => {
  it(`is found${row.structure ? ' by the structure alone' : ''}, with the object and whom it touches, and nobody else`, async () => {
    const repository = await openSmall({ store: await damaged(row, place), runtime });
    const { objects, touches, notes } = await found(repository);
    expect(objects).toEqual([...row.objects(whole)].sort());
    expect(touches).toEqual([...row.touches(whole)].sort());
    expect(notes).toEqual(row.notes ?? []);
    const structure = await repository.check({ readData: 0 });
    expect(structure.damage.length > 0).toBe(row.structure);
  });

  it('is repaired: what is whole is saved, the damaged is kept until told otherwise, and the next snapshot holds everything', async () => {
    const store = await damaged(row, place);
    const before = new Map(
      await Promise.all((await keysOf(store, '')).map(async (key) => [key, await store.get(key)] as const)),
    );
    const dry = await (await openSmall({ store, runtime })).repair({ dryRun: true, readData: 1, removeDamaged: false });
    expect(await keysOf(store, '')).toEqual([...before.keys()]);
    const report = await (
      await openSmall({ store, runtime })
    ).repair({ dryRun: false, readData: 1, removeDamaged: false });
    if (!row.hidden) expect(withoutIds(dry)).toEqual(withoutIds({ ...report, dryRun: true }));
    const repository = await openSmall({ store, runtime });
    const { list } = await repository.snapshots();
    for (const added of whole.snapshots) {
      const number = whole.snapshots.indexOf(added);
      const state = row.snapshots?.[number] ?? 'whole';
      const repaired = repairedOf(list, added);
      expect([added.info.id, repaired !== undefined]).toEqual([added.info.id, state === 'repaired']);
      if (state === 'whole') expect(await contentsOf(repository, added.info)).toEqual(added.contents);
      if (repaired) {
        expect(repaired).toMatchObject({ outcome: 'partial', committedAt: added.info.committedAt });
        expect(await contentsOf(repository, repaired)).toEqual(without(added.contents, row.lost));
        await namesWhatIsLost(repository, repaired, row.lost);
      }
    }
    // Once more finds nothing left to do but to look at what was kept.
    const again = await repository.repair({ dryRun: false, readData: 1, removeDamaged: false });
    expect(again.snapshots.every(({ existed, repaired }) => existed || repaired === undefined)).toBe(true);
    await runtime.clock.sleep(60_000);
    const third = whole.snapshots[2];
    const next = await snapshotOf(await openSmall({ store, runtime }), third.contents);
    expect(await contentsOf(await openSmall({ store, runtime }), next)).toEqual(third.contents);
    const last = await openSmall({ store, runtime });
    await last.repair({ dryRun: false, readData: 1, removeDamaged: true });
    const after = await openSmall({ store, runtime });
    expect((await found(after)).objects).toEqual(row.missing?.(whole) ?? []);
    expect(await contentsOf(after, next)).toEqual(third.contents);
    for (const key of row.untouched ?? []) expect(await store.get(key)).toEqual(before.get(key));
  });
});

/** Ids of new objects differ from run to run. */
function withoutIds(report: Awaited<ReturnType<Repository['repair']>>): object {
  return { ...report, snapshots: report.snapshots.map((one) => ({ ...one, repaired: undefined })) };
}

async function namesWhatIsLost(repository: Repository, info: SnapshotInfo, lost: Row['lost']): Promise<void> {
  const reader = await repository.open(info);
  for await (const record of reader.resources()) {
    const gone = lost?.[record.ref.name];
    const named = record.failures.map(({ code, item }) => `${code} ${item}`).sort();
    if (gone === undefined) expect(record).toMatchObject({ outcome: 'complete', failed: 0 });
    else {
      expect(record.outcome).toBe('partial');
      expect(record.failed).toBe(gone === 'all' ? 14 : gone.length);
      if (gone !== 'all') expect(named).toEqual(gone.map((key) => `repository.corrupt files/${key}`).sort());
    }
  }
}

describe('the whole sample', () => {
  it('has nothing to repair, and a repair leaves it byte for byte', async () => {
    const store = await copyStore(whole.store, runtime);
    const before = await keysOf(store, '');
    const repository = await openSmall({ store, runtime });
    const report = await repository.repair({ dryRun: false, readData: 1, removeDamaged: true });
    expect(report).toMatchObject({
      indexed: [],
      replacedIndexes: [],
      salvaged: [],
      snapshots: [],
      removed: [],
      left: [],
    });
    expect(await keysOf(store, '')).toEqual(before);
    expect(touched(whole.snapshots[0])).toMatch(/^[0-9a-f]{12}$/);
  });
});
