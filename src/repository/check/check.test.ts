import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyStore, keysOf } from '../../../test/repository/copy-store.ts';
import {
  begin,
  capture,
  createSmall,
  noise,
  openSmall,
  snapshotOf,
} from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { Repository, SnapshotInfo } from '../contract.ts';
import type { CheckReport } from './contract.ts';
import { openCheckJournal } from './journal.ts';
import { isInSample } from './sample.ts';

const runtime = simulatedRuntime(7);
const week = 7 * 24 * 3600 * 1000;

let whole: ObjectStore;
let packs: readonly string[];
let infos: readonly SnapshotInfo[];

function contents(upTo: number): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: upTo }, (_, r) => [
      `r${r}`,
      Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`f${i}`, noise(400 + i, `${r}/${i}`)])),
    ]),
  );
}

beforeAll(async () => {
  whole = createMemoryStore({ runtime });
  const repository = await createSmall({ store: whole, runtime });
  const made: SnapshotInfo[] = [];
  for (let upTo = 1; upTo <= 8; upTo++) {
    await runtime.clock.sleep(60_000);
    made.push(await snapshotOf(repository, contents(upTo)));
  }
  infos = made;
  packs = [...(await keysOf(whole, 'data/')), ...(await keysOf(whole, 'meta/'))];
});

async function copy(): Promise<{ store: ObjectStore; repository: Repository }> {
  const store = await copyStore(whole, runtime);
  return { store, repository: await openSmall({ store, runtime }) };
}

describe('a whole repository', () => {
  it('has no damage and nothing to note; every byte is read once', async () => {
    const store = withRecording(await copyStore(whole, runtime), { methods: ['get'] });
    const report = await (await openSmall({ store, runtime })).check({ readData: 1 });
    expect(report).toMatchObject({ snapshots: 8, packsRead: packs.length, packsLeft: 0, damage: [], notes: [] });
    const sizes = await Promise.all(packs.map(async (key) => (await whole.get(key)).length));
    expect(report.bytesRead).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(report.packs).toBe(packs.length);
  });

  it('reads each page once, however many snapshots share it', async () => {
    const store = withRecording(await copyStore(whole, runtime), { methods: ['get'] });
    const repository = await openSmall({ store, runtime });
    const before = store.calls.length;
    await repository.check({ readData: 0 });
    const pages = store.calls.slice(before).filter(({ key }) => key.startsWith('meta/'));
    expect(new Set(pages.map(({ key }) => key)).size).toBe(pages.length);
    expect(store.calls.slice(before).filter(({ key }) => key.startsWith('data/'))).toEqual([]);
  });
});

describe('what damage touches', () => {
  it('is told by snapshot, resource, and the first entries, with their number', async () => {
    const { store, repository } = await copy();
    const { key } = await packOf(repository, 'r2');
    await store.delete(key);
    const { damage } = await repository.check({ readData: 0 });
    const names = Array.from({ length: 8 }, (_, i) => `files/f${i}`);
    expect(damage).toEqual([
      {
        object: key,
        problem: 'the pack is missing',
        more: 0,
        touches: infos.slice(2).map(({ id }) => ({ snapshot: id, resource: 'local/r2', lost: 8, entries: names })),
      },
    ]);
  });

  /** The data pack that a resource alone needs: each snapshot stored one. */
  async function packOf(repository: Repository, name: string): Promise<{ key: string }> {
    for (const key of packs.filter((one) => one.startsWith('data/'))) {
      const store = await copyStore(whole, runtime);
      await store.delete(key);
      const { damage } = await (await openSmall({ store, runtime })).check({ readData: 0 });
      if (damage[0]?.touches[0]?.resource === `local/${name}`) return { key };
    }
    await repository.close();
    throw new Error(`no pack of ${name}`);
  }
});

describe('what is no damage', () => {
  it('packs that no index names, and index entries of packs that nobody needs', async () => {
    const { store, repository } = await copy();
    await store.put(`data/ab/ab${'0'.repeat(62)}`, [new Uint8Array(100)]);
    // The last snapshot is forgotten; the pack that only it needed is gone.
    const last = infos.at(-1) as SnapshotInfo;
    await store.delete(`snapshots/${last.id}`);
    const added = await addedBy(7);
    for (const key of added) await store.delete(key);
    const { damage, notes } = await repository.check({ readData: 1 });
    expect(damage).toEqual([]);
    expect(notes.map(({ kind, object }) => ({ kind, object }))).toEqual([
      ...added.map((object) => ({ kind: 'dangling-index', object })),
      { kind: 'orphan-packs', object: 'data/, meta/' },
    ]);
  });

  /** Packs of the snapshot with that number: their session began when the clock said so. */
  async function addedBy(number: number): Promise<string[]> {
    const times = new Map<string, number>();
    for (const key of packs) times.set(key, Number(Buffer.from(await whole.get(key)).readBigUInt64LE(8)));
    const all = [...new Set(times.values())].sort((a, b) => a - b);
    return packs.filter((key) => times.get(key) === all[number]).sort();
  }

  it('a read that is wrong once: a note, and every chunk is counted as whole', async () => {
    for (const prefix of ['data/', 'meta/', 'snapshots/']) {
      const store = withFaults(await copyStore(whole, runtime), { runtime });
      const repository = await openSmall({ store, runtime });
      store.addFault({
        method: 'get',
        match: ({ key }) => key.startsWith(prefix),
        // The listing reads snapshots, too.
        ...(prefix === 'snapshots/' ? { skip: 8 } : {}),
        garble: (bytes) => bytes.map((byte, i) => (i === 90 ? byte ^ 1 : byte)),
      });
      const { damage, notes } = await repository.check({ readData: 1 });
      expect(damage).toEqual([]);
      expect(notes).toMatchObject([{ kind: 'flaky-read', object: expect.stringContaining(prefix) as string }]);
    }
  });

  it('a snapshot that is forgotten, and its packs removed, while it is checked', async () => {
    const inner = createMemoryStore({ runtime });
    await createSmall({ store: inner, runtime });
    // Two writers that do not know of each other store the same chunks twice: the index names the first ones.
    const writers = [await openSmall({ store: inner, runtime }), await openSmall({ store: inner, runtime })];
    const sessions = await Promise.all(writers.map((writer) => begin(writer)));
    const own: string[][] = [];
    for (const session of sessions) {
      await runtime.clock.sleep(60_000);
      const before = new Set(await keysOf(inner, ''));
      for (const [name, files] of Object.entries(contents(2))) await capture(session, name, files);
      await session.commit([]);
      own.push((await keysOf(inner, '')).filter((key) => !before.has(key) && !key.startsWith('leases/')));
    }
    const store = withFaults(inner, { runtime });
    const repository = await openSmall({ store, runtime });
    store.addFault({
      method: 'list',
      match: ({ key }) => key === 'data/',
      callback: async () => {
        for (const key of own[0] ?? []) await inner.delete(key);
      },
    });
    const { snapshots, damage, notes } = await repository.check({ readData: 1 });
    expect({ snapshots, damage, notes }).toEqual({ snapshots: 1, damage: [], notes: [] });
    // Without the other copy it is damage, whoever removed the packs.
    const lost = (own[1] ?? []).filter((one) => one.startsWith('data/'));
    for (const key of lost) await inner.delete(key);
    expect((await repository.check({ readData: 0 })).damage.map(({ object }) => object)).toEqual(lost);
  });
});

describe('reading a share', () => {
  it('takes about that share each week, and everything in time', () => {
    const names = Array.from({ length: 4000 }, (_, i) => `data/00/${noiseHex(i)}`);
    for (const share of [0.05, 0.3, 0.7]) {
      const seen = new Set<string>();
      const weeks = Math.ceil(1 / share);
      for (let n = 0; n < weeks; n++) {
        const chosen = names.filter((name) => isInSample(name, share, n * week + 1000));
        expect(chosen.length / names.length).toBeCloseTo(share, 1);
        for (const name of chosen) seen.add(name);
      }
      expect(seen.size).toBe(names.length);
      expect(names.filter((name) => isInSample(name, share, week + 5))).toEqual(
        names.filter((name) => isInSample(name, share, 2 * week - 5)),
      );
    }
  });

  function noiseHex(i: number): string {
    return Buffer.from(noise(32, i), 'latin1').toString('hex');
  }
});

describe('a check that is out of time', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-check-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function run(store: ObjectStore, file: string, resume: boolean, timeLimit?: number): Promise<CheckReport> {
    const repository = await openSmall({ store, runtime });
    const journal = await openCheckJournal(file, repository.id, resume);
    try {
      return await repository.check({ readData: 1, journal, ...(timeLimit === undefined ? {} : { timeLimit }) });
    } finally {
      await journal.close();
    }
  }
  /** Each read takes ten seconds. */
  async function slow(): Promise<ObjectStore> {
    return withFaults(await copyStore(whole, runtime), {
      runtime,
      faults: [
        {
          method: 'get',
          match: ({ key }) => /^(data|meta)\//.test(key),
          times: Number.POSITIVE_INFINITY,
          sleepMs: 10_000,
        },
      ],
    });
  }

  it('says what is left, goes on with the rest, and begins anew after its end', async () => {
    const file = join(folder, 'limit');
    const store = await slow();
    const first = await run(store, file, false, 25_000);
    expect(first.damage).toEqual([]);
    expect(first.packsLeft).toBeGreaterThan(0);
    expect(first.packsRead + first.packsLeft).toBe(packs.length);
    const second = await run(store, file, true);
    expect(second).toMatchObject({ packsRead: first.packsLeft, packsLeft: 0 });
    expect(await run(store, file, true)).toMatchObject({ packsRead: packs.length });
  });

  it('reads again what was damaged, and what a torn line or another repository left', async () => {
    const file = join(folder, 'torn');
    const store = await copyStore(whole, runtime);
    const [bad = ''] = packs;
    await store.put(bad, [(await store.get(bad)).map((byte, i) => (i === 100 ? byte ^ 1 : byte))]);
    const first = await run(await slowOver(store), file, false, 25_000);
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(bad);
    await writeFile(file, text.slice(0, -10));
    const second = await run(store, file, true);
    expect(second.damage.map(({ object }) => object)).toEqual([bad]);
    expect(first.packsRead + second.packsRead).toBeGreaterThan(packs.length);
    await writeFile(file, text.replace(/^holdfast check 1 .*/, `holdfast check 1 ${'0'.repeat(32)}`));
    expect(await run(store, file, true)).toMatchObject({ packsRead: packs.length });
  });

  async function slowOver(store: ObjectStore): Promise<ObjectStore> {
    const faults = [{ method: 'get' as const, match: isPack, times: Number.POSITIVE_INFINITY, sleepMs: 10_000 }];
    return withFaults(store, { runtime, faults });
  }
  const isPack = ({ key }: { readonly key: string }): boolean => /^(data|meta)\//.test(key);
});

describe('a repository that vanishes', () => {
  it('after its packs were read, before its snapshots are, is missing and not whole', async () => {
    const store = await copyStore(whole, runtime);
    const keys = await keysOf(store, '');
    let isGone = false;
    const gone: ObjectStore = {
      ...store,
      async *list(prefix) {
        if (!isGone) yield* store.list(prefix);
      },
      get: (key, options) => (isGone && keys.includes(key) ? store.get('vanished') : store.get(key, options)),
      stat: async (key) => (isGone ? undefined : await store.stat(key)),
    };
    const repository = await openSmall({
      store: gone,
      runtime,
      events(event) {
        if (event.type === 'repository.progress' && event.what === 'packs read') isGone ||= event.done === event.total;
      },
    });
    await expect(repository.check({ readData: 1 })).rejects.toMatchObject({ code: 'repository.missing' });
  });
});
