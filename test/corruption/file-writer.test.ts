import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { displayBytes, utf8 } from '../../src/kernel/bytes.ts';
import { systemRuntime as runtime } from '../../src/kernel/runtime.ts';
import type { Repository, SnapshotInfo } from '../../src/repository/contract.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { copyStore, keysOf } from '../repository/copy-store.ts';
import { createSmall, noise, openSmall, snapshotOf } from '../repository/small-repository.ts';

let root = '';
let whole: Vault;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-write-'));
  whole = await vault();
});
afterAll(() => rm(root, { recursive: true, force: true }));

const small = (name: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${name}${i + 10}`, noise(1000 + i, `${name}/${i}`)]));
// Larger than a part, so that several jobs write it.
const large = { [`z-large`]: noise(9_500_000, 'large') };

interface Vault {
  readonly store: ObjectStore;
  /** The data packs of the second and third capture. */
  readonly packs: readonly [readonly string[], readonly string[]];
  readonly info: SnapshotInfo;
}

async function copied(kind: 'memory' | 'directory', name: string): Promise<ObjectStore> {
  if (kind === 'memory') return await copyStore(whole.store, runtime);
  const store = await openDirectoryStore({ path: join(root, name), runtime, create: true });
  for (const key of await keysOf(whole.store, '')) await store.put(key, [await whole.store.get(key)]);
  return store;
}

async function vault(): Promise<Vault> {
  const store = createMemoryStore({ runtime });
  const repository = await createSmall({ store, runtime });
  const resources: Record<string, Record<string, string>> = {};
  const packs: string[][] = [];
  let info: SnapshotInfo | undefined;
  for (const [resource, contents] of Object.entries({ kept: small('a'), lost: small('b'), film: large })) {
    resources[resource] = contents;
    const before = new Set(await keysOf(store, 'data/'));
    info = await snapshotOf(repository, resources);
    packs.push((await keysOf(store, 'data/')).filter((key) => !before.has(key)));
  }
  const [, second = [], third = []] = packs;
  return { store, packs: [second, third], info: info as SnapshotInfo };
}

async function restore(repository: Repository, info: SnapshotInfo, target: string) {
  const reader = await repository.open(info);
  const writer = repository.fileWriter();
  for (const name of ['kept', 'lost', 'film']) {
    const resource = await reader.resource(`local/${name}`);
    if (!resource) throw new Error(`${name} is not in the snapshot`);
    for await (const entry of resource.entries('files'))
      await writer.write({ resource, entry, path: utf8(join(target, displayBytes(entry.key))), mode: 0o600 });
  }
  return await writer.finish();
}

const damages = {
  missing: (store: ObjectStore, key: string) => store.delete(key),
  short: async (store: ObjectStore, key: string) =>
    void (await store.put(key, [(await store.get(key)).subarray(0, 70)])),
  flipped: async (store: ObjectStore, key: string) => {
    const bytes = Uint8Array.from(await store.get(key));
    bytes[150] = (bytes[150] as number) ^ 1;
    await store.put(key, [bytes]);
  },
};

describe.each([
  ['memory', 0],
  ['directory', 0],
  ['directory', 2],
] as const)('restoring files from a %s store with %i workers', (kind, workers) => {
  it.each(Object.keys(damages) as (keyof typeof damages)[])(
    'costs the files in a %s pack and no others, and leaves no half of one',
    async (damage) => {
      const { packs, info } = whole;
      const store = await copied(kind, `${kind}${workers}${damage}`);
      for (const pack of packs.map(([first = '']) => first)) await damages[damage](store, pack);
      const repository = await openSmall({ store, runtime, workers });
      const target = await mkdtemp(join(root, 'out-'));
      const { files, failures } = await restore(repository, info, target);
      expect(files).toBe(20);
      expect(failures).toHaveLength(21);
      expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['repository.corrupt']));
      for (const failure of failures) expect(failure.message).toMatch(/data\//);
      expect((await readdir(target)).sort()).toEqual(Object.keys(small('a')).sort());
      for (const [file, content] of Object.entries(small('a')))
        expect(await readFile(join(target, file), 'latin1')).toBe(content);
      await repository.close();
    },
  );
});
