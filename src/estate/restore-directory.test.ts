import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addThing, createProvider, thingConnector, type Thing } from '../../test/estate/things.ts';
import { createTestEstate, source, type TestEstate } from '../../test/estate/memory-estate.ts';
import { connector as local } from '../connectors/local/index.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import type { Manifest } from './contract.ts';
import type { RestoreReport, RestoreRequest } from './restore-contract.ts';
import { applyRestore } from './restore-apply.ts';
import { planRestore } from './restore-plan.ts';
import { unfinishedFile } from './restore-target.ts';
import { takeSnapshot } from './snapshot.ts';

let folder = '';
let target = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-restore-'));
  target = join(folder, 'target');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Scene {
  readonly made: TestEstate;
  readonly reader: SnapshotReader;
  restore(request?: Partial<RestoreRequest>): Promise<RestoreReport>;
}

async function scene(things: Readonly<Record<string, Partial<Thing>>>): Promise<Scene> {
  const provider = createProvider();
  for (const [name, thing] of Object.entries(things)) addThing(provider, 'us-east-1', name, thing);
  const tools = join(folder, 'tools');
  await mkdir(join(tools, 'bin'), { recursive: true });
  await writeFile(join(tools, 'bin', 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await symlink('bin/run.sh', join(tools, 'run'));
  const made = await createTestEstate([thingConnector(provider), local], {
    sources: [source('things'), source('local', { name: 'tools', options: { name: 'tools', path: tools } })],
    sites: { shop: { match: ['shop*'], environments: {} } },
  });
  const { info } = await takeSnapshot(
    made.estate,
    made.repository,
    { selection: { selectors: [] }, tags: {}, resume: false },
    made.lookup,
  );
  const reader = await made.repository.open(info);
  return {
    made,
    reader,
    restore: async (more = {}) => {
      const request: RestoreRequest = {
        path: '',
        to: { directory: target },
        mode: 'create-missing',
        rename: [],
        ...more,
      };
      const plan = await planRestore(made.estate, made.repository, reader, request);
      return await applyRestore(made.estate, made.repository, reader, plan);
    },
  };
}

/** Every file below the target: relative path → content. */
async function tree(at = target): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const item of await readdir(at, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    if (item.isFile()) found[path.slice(at.length + 1)] = await readFile(path, 'utf8');
  }
  return found;
}

async function code(running: Promise<unknown>): Promise<string> {
  const error: unknown = await running.catch((caught: unknown) => caught);
  return error instanceof HoldfastError ? error.code : `no error: ${String(error)}`;
}

describe('restore to a directory', () => {
  it('writes the layout people know, with its manifest', async () => {
    const { restore } = await scene({
      'shop.com': {
        secret: 'hunter2',
        deleted: new Set(['gone']),
        objects: new Map([
          ['a/b.txt', 'hello'],
          ['a', 'beside'],
        ]),
      },
    });
    const report = await restore();
    expect(report).toMatchObject({ outcome: 'complete', failures: [] });
    const { 'MANIFEST.json': json, 'MANIFEST.md': text, ...others } = await tree();
    const { 'MANIFEST.shop.json': _, 'MANIFEST.shop.md': __, ...files } = others;
    expect(files).toEqual({
      'things/shop.com/config.json': '{\n  "kind": "thing",\n  "size": 1\n}\n',
      'things/shop.com/secret.json': '"hunter2"\n',
      'things/shop.com/items.jsonl': '{"id":1}\n{"id":2}\n',
      'things/shop.com/objects/a': 'beside',
      'things/shop.com/objects/a%~/b.txt': 'hello',
      'things/shop.com/objects.markers.jsonl': '{"attributes":{"deleteMarker":true},"key":"gone","kind":"marker"}\n',
      'things/shop.com/objects.metadata.jsonl':
        '{"attributes":{"etag":"\\"6\\""},"file":"objects/a","key":"a"}\n' +
        '{"attributes":{"etag":"\\"5\\""},"file":"objects/a%~/b.txt","key":"a/b.txt"}\n',
      'local/tools/bin/run.sh': '#!/bin/sh\n',
    });
    expect((await lstat(join(target, 'local/tools/run'))).isSymbolicLink()).toBe(true);
    expect((await lstat(join(target, 'local/tools/bin/run.sh'))).mode & 0o777).toBe(0o755);
    expect((await lstat(join(target, 'things/shop.com/secret.json'))).mode & 0o777).toBe(0o600);
    expect((await lstat(join(target, 'things/shop.com/config.json'))).mode & 0o777).toBe(0o644);
    const manifest = JSON.parse(json ?? '') as { components: unknown[]; restored: { names: { files: unknown } } };
    expect(manifest.components).toHaveLength(2);
    expect(manifest.restored.names.files).toEqual([{ path: 'things/shop.com/objects/a%~/b.txt', key: 'a/b.txt' }]);
    expect(text).toContain('| things | 1 | 1 |');
  });

  it('writes nothing outside, whatever the keys say', async () => {
    const nasty = [
      '../escape',
      '/etc/passwd',
      'a/../../b',
      '..',
      '.',
      'x\0y',
      'new\nline',
      'dir/',
      'y'.repeat(900),
      'a//b',
    ];
    const { restore } = await scene({
      '..': { objects: new Map([['in-dots', '1']]) },
      'a/b': { objects: new Map([['in-slash', '2']]) },
      n: { objects: new Map(nasty.map((key) => [key, `content of ${key.slice(0, 9)}`])) },
    });
    expect((await restore()).outcome).toBe('complete');
    expect((await readdir(folder)).sort()).toEqual(['target', 'tools']);
    const files = await tree();
    expect(files['things/%2E%2E/objects/in-dots']).toBe('1');
    expect(files['things/a%2Fb/objects/in-slash']).toBe('2');
    const written = Object.keys(files).filter((path) => path.startsWith('things/n/objects/'));
    expect(written).toHaveLength(nasty.length);
    expect(files['things/n/objects/%2E%2E%~/escape']).toBe('content of ../escape');
    expect(files['things/n/objects/dir/%']).toBe('content of dir/');
  });

  it('has a manifest of each site, and of the one that was asked for', async () => {
    const { restore } = await scene({ 'shop-web': {}, 'shop-api': {}, other: {} });
    await restore();
    const { 'MANIFEST.json': whole, 'MANIFEST.shop.json': json, 'MANIFEST.shop.md': text } = await tree();
    const names = (of: string | undefined): string[] =>
      (JSON.parse(of ?? '') as Manifest).components.flatMap(({ resources }) => resources.map(({ ref }) => ref.name));
    expect(names(whole)).toEqual(['other', 'shop-api', 'shop-web', 'tools']);
    expect(names(json)).toEqual(['shop-api', 'shop-web']);
    const environment = 'production';
    expect(JSON.parse(json ?? '')).toMatchObject({
      site: 'shop',
      outcome: 'complete',
      totals: { resources: 2 },
      sites: [{ site: 'shop', environment, resources: 2, partial: 0 }],
      components: [{ source: { source: 'things', expected: 2, captured: 2 } }],
    });
    expect(text).toMatch(/^# Site shop in snapshot [0-9a-f]{32} of /);
    expect(text).not.toContain('other');

    await rm(target, { recursive: true });
    await restore({ site: 'shop' });
    const one = await tree();
    expect(JSON.parse(one['MANIFEST.json'] ?? '')).toMatchObject({ site: 'shop', totals: { resources: 2 } });
    expect(Object.keys(one).filter((name) => name.startsWith('MANIFEST'))).toEqual(['MANIFEST.json', 'MANIFEST.md']);
  });

  it('restores one piece', async () => {
    const { restore } = await scene({ web: {}, 'shop-web': {} });
    await restore({ path: 'things/web/objects/deep' });
    const { 'MANIFEST.json': json, 'MANIFEST.md': _, ...files } = await tree();
    expect(Object.keys(files).sort()).toEqual(['things/web/objects.metadata.jsonl', 'things/web/objects/deep/b.txt']);
    expect((JSON.parse(json ?? '') as { restored: { path: string } }).restored.path).toBe('things/web/objects/deep');
    target = join(folder, 'one-row');
    await restore({ path: 'things/web/items/2' });
    expect((await tree())['things/web/items.jsonl']).toBe('{"id":2}\n');
    target = join(folder, 'one-site');
    await restore({ site: 'shop' });
    expect(Object.keys(await tree()).filter((path) => path.startsWith('things/web/'))).toEqual([]);
    target = join(folder, 'one-file');
    await restore({ path: 'local/tools/files/bin/run.sh' });
    expect(Object.keys(await tree()).filter((path) => path.startsWith('local/'))).toEqual(['local/tools/bin/run.sh']);
    expect(await code(restore({ path: 'things/web/objects/none' }))).toBe('snapshot.path-not-found');
  });

  it('restores what begins alike, but of a tree of files whole folders only', async () => {
    const { restore } = await scene({ web: {} });
    await restore({ path: 'things/web/objects/de*' });
    const files = Object.keys(await tree()).filter((path) => path.startsWith('things/web/objects/'));
    expect(files).toEqual(['things/web/objects/deep/b.txt']);
    target = join(folder, 'none');
    for (const path of ['things/web/objects/none*', 'things/web/objects/*none', 'local/tools/files/bi*'])
      expect(await code(restore({ path }))).toBe('snapshot.path-not-found');
  });

  it('refuses a directory that holds something else, unless it is told to', async () => {
    const { restore } = await scene({ web: {} });
    await mkdir(target);
    await writeFile(join(target, 'mine.txt'), 'mine');
    expect(await code(restore())).toBe('restore.target-not-empty');
    expect(await tree()).toEqual({ 'mine.txt': 'mine' });
    expect((await restore({ mode: 'revert-changed' })).outcome).toBe('complete');
    expect((await tree())['mine.txt']).toBe('mine');
    await writeFile(join(target, 'things/web/config.json'), 'changed');
    await writeFile(join(target, 'things/web/extra.txt'), 'extra');
    await restore({ mode: 'exact' });
    const files = await tree();
    expect(files['things/web/config.json']).toContain('"kind"');
    expect(files['things/web/extra.txt']).toBeUndefined();
    expect(files['mine.txt']).toBe('mine');
    await writeFile(join(folder, 'file'), '');
    target = join(folder, 'file');
    expect(await code(restore())).toBe('usage.invalid');
  });

  it('follows no link that lies in its way', async () => {
    const { restore } = await scene({ web: {} });
    const outside = join(folder, 'outside');
    await mkdir(join(outside, 'web'), { recursive: true });
    await writeFile(join(outside, 'web', 'config.json'), 'outside');
    await mkdir(target);
    await symlink(outside, join(target, 'things'));
    for (const mode of ['revert-changed', 'exact'] as const) {
      expect(await code(restore({ mode }))).toBe('restore.path-escapes');
      expect(await tree(outside)).toEqual({ 'web/config.json': 'outside' });
    }
  });

  it('goes on in the same directory after it was cut off, and in no other', async () => {
    const { restore, made } = await scene({ web: {}, api: {} });
    let seen = 0;
    const stop = made.estate.events;
    const cut = {
      ...made.estate,
      events: (event: Parameters<typeof stop>[0]) => {
        stop(event);
        if (event.type === 'action.finished' && ++seen === 1) made.abort.abort(new Error('Ctrl-C'));
      },
    };
    const request: RestoreRequest = { path: '', to: { directory: target }, mode: 'create-missing', rename: [] };
    const [info] = (await made.repository.snapshots()).list;
    if (!info) throw new Error('there is no snapshot');
    const reader = await made.repository.open(info);
    const plan = await planRestore(cut, made.repository, reader, request);
    expect(await code(applyRestore(cut, made.repository, reader, plan))).toBe('run.interrupted');
    expect(await readdir(target)).toContain(unfinishedFile);
    expect(await readdir(target)).not.toContain('MANIFEST.json');
    expect(await code(restore({ path: 'things' }))).toBe('restore.target-not-empty');
    const again = made.again();
    const more = await planRestore(again, made.repository, reader, request);
    expect((await applyRestore(again, made.repository, reader, more)).outcome).toBe('complete');
    expect(await readdir(target)).not.toContain(unfinishedFile);
    expect(Object.keys(await tree())).toHaveLength(2 * 5 + 1 + 2);
  });
});
