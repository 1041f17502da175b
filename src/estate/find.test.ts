import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contentsOf,
  createSmall,
  openSmall,
  snapshotOf,
  type Contents,
} from '../../test/repository/small-repository.ts';
import { keysOf } from '../../test/repository/copy-store.ts';
import { runs } from '../../test/runs.ts';
import { simulatedRuntime } from '../../test/simulated-time.ts';
import { compileGlob } from '../config/glob.ts';
import type { Repository } from '../repository/contract.ts';
import { createMemoryStore } from '../storage/memory/index.ts';
import { findEntries, type FindReport } from './find.ts';

const runtime = simulatedRuntime(1);
const { signal } = new AbortController();

async function find(repository: Repository, pattern: string, selectors: readonly string[] = []): Promise<FindReport> {
  const { list } = await repository.snapshots();
  return await findEntries(repository, { pattern, snapshots: list, selection: { selectors }, signal });
}

async function made(histories: readonly Contents[]): Promise<{ repository: Repository; ids: string[] }> {
  const repository = await createSmall({ store: createMemoryStore({ runtime }), runtime });
  const ids: string[] = [];
  for (const contents of histories) {
    ids.push((await snapshotOf(repository, contents)).id);
    await runtime.clock.sleep(60_000);
  }
  return { repository, ids };
}

describe('find', () => {
  it('tells which snapshots hold which versions', async () => {
    const { repository, ids } = await made([
      { tools: { 'a.txt': 'one', 'deep/a.txt': 'x' }, web: { index: 'i' } },
      { tools: { 'a.txt': 'one', 'deep/a.txt': 'y' }, web: { index: 'i' } },
      { web: { index: 'i' } },
      { tools: { 'deep/a.txt': 'x' }, web: { index: 'j' } },
    ]);
    const { found, unread } = await find(repository, 'a.*');
    expect(unread).toEqual([]);
    const at = (...places: number[]): (string | undefined)[] => places.map((place) => ids[place]);
    expect(found.map(({ path, versions }) => [path, versions.map(({ snapshots }) => snapshots)])).toEqual([
      ['local/tools/files/a.txt', [at(0, 1)]],
      ['local/tools/files/deep/a.txt', [at(0, 3), at(1)]],
    ]);
    expect(found[0]?.versions[0]).toMatchObject({ kind: 'blob', size: 3, secret: false });
    const whole = await find(repository, 'local/web');
    expect(
      whole.found.map(({ path, versions }) => [path, versions.map(({ kind, snapshots }) => [kind, snapshots])]),
    ).toEqual([
      [
        'local/web',
        [
          ['resource', at(0, 1, 2)],
          ['resource', at(3)],
        ],
      ],
    ]);
    expect((await find(repository, '*', ['web'])).found.map(({ path }) => path)).toEqual([
      'local/web',
      'local/web/files/index',
    ]);
    expect((await find(repository, 'nothing')).found).toEqual([]);
    await expect(find(repository, '[a')).rejects.toMatchObject({ code: 'usage.invalid' });
  });

  it('finds what reading every snapshot finds, over random histories', async () => {
    const key = fc.constantFrom('a', 'b.txt', 'd/a', 'd/b.txt', 'd/e/c', 'x y');
    const folder = fc.dictionary(key, fc.constantFrom('', 'one', 'two', 't'.repeat(300)), { maxKeys: 5 });
    const contents = fc.dictionary(fc.constantFrom('tools', 'web'), folder, { maxKeys: 2 });
    const pattern = fc.constantFrom('*', '*.txt', 'a', 'd/*', 'local/tools/*', '*/d/*', 'local/?e?/files/a');
    await fc.assert(
      fc.asyncProperty(fc.array(contents, { minLength: 1, maxLength: 6 }), pattern, async (histories, pattern) => {
        const { repository, ids } = await made(histories);
        const { list } = await repository.snapshots();
        const expected = new Map<string, string[]>();
        for (const [i, info] of list.entries())
          for (const [name, files] of Object.entries(await contentsOf(repository, info)))
            for (const [key, content] of Object.entries(files)) {
              const path = `local/${name}/files/${key}`;
              const tried = pattern.includes('/') ? path : (path.split('/').at(-1) ?? '');
              if (!compileGlob(pattern)(tried)) continue;
              const version = `${path} ${content.length} ${content[0]}`;
              expected.set(version, [...(expected.get(version) ?? []), ids[i] ?? '']);
            }
        const { found } = await find(repository, pattern);
        const entries = found.flatMap(({ path, versions }) => versions.map((version) => ({ path, ...version })));
        const held = entries
          .filter(({ kind }) => kind !== 'resource')
          .map(({ path, size, snapshots }) => `${path} ${size} ${snapshots.join()}`);
        const wanted = [...expected].map(
          ([version, held]) => `${version.slice(0, version.lastIndexOf(' '))} ${held.join()}`,
        );
        expect(held.sort()).toEqual(wanted.sort());
      }),
      { numRuns: runs(40, 1000) },
    );
  });

  it('goes on behind what cannot be read, says so, and claims nothing of it', async () => {
    const store = createMemoryStore({ runtime });
    const repository = await createSmall({ store, runtime });
    const ids: string[] = [];
    const packs: string[][] = [];
    for (const files of [
      { a: 'one', b: 'one' },
      { a: 'two', c: 'gone' },
      { a: 'one', b: 'three' },
      { a: 'one', b: 'one' },
    ]) {
      ids.push((await snapshotOf(repository, { tools: files })).id);
      packs.push((await keysOf(store, 'meta/')).filter((key) => !packs.flat().includes(key)));
      await runtime.clock.sleep(60_000);
    }
    for (const key of packs[1] ?? []) await store.put(key, [Buffer.alloc(5000)]);
    const { found, unread } = await find(await openSmall({ store, runtime }), '?');
    expect(found.map(({ path, versions }) => [path, versions.map(({ snapshots }) => snapshots)])).toEqual([
      ['local/tools/files/a', [[ids[0], ids[2], ids[3]]]],
      ['local/tools/files/b', [[ids[0], ids[3]], [ids[2]]]],
    ]);
    expect(unread).toMatchObject([{ snapshot: ids[1], error: { code: 'repository.corrupt' } }]);
  });
});
