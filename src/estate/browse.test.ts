import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addThing, createProvider, thingConnector } from '../../test/estate/things.ts';
import { createTestEstate } from '../../test/estate/memory-estate.ts';
import { createMemorySnapshot } from '../connectors/conformance-memory.ts';
import { asBuffer, compareBytes, displayBytes, utf8 } from '../kernel/bytes.ts';
import type { CapturedResource } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import { list, show } from './browse.ts';
import { levelOf } from './level.ts';
import { takeSnapshot } from './snapshot.ts';

async function snapshotOf(): Promise<SnapshotReader> {
  const provider = createProvider();
  const objects = new Map([
    ['top.txt', 'top'],
    ['a/1.txt', 'a1'],
    ['a/b/2.txt', 'ab2'],
    ['a/b/3.txt', 'ab3'],
    ['a', 'both file and folder'],
    ['dir/', ''],
    ['dir/x', 'x'],
    ['odd//slash', 'odd'],
    ['back\\slash', 'back'],
  ]);
  addThing(provider, 'us-east-1', 'www.acme.com', { objects, secret: 'hunter2', deleted: new Set(['zz-gone']) });
  addThing(provider, 'us-east-1', 'team', { objects: new Map([['app', 'not the resource']]) });
  addThing(provider, 'us-east-1', 'team/app');
  const made = await createTestEstate([thingConnector(provider)]);
  const settings = { selection: { selectors: [] }, tags: {}, resume: false };
  const { info } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
  return await made.repository.open(info);
}

async function paths(reader: SnapshotReader, path: string): Promise<string[]> {
  const listing = await list(reader, path);
  if (listing.type === 'resources') return listing.resources.map((r) => `${r.ref.type}/${r.ref.name}`);
  const found: string[] = [];
  for await (const { path: shown, entry } of listing.entries)
    found.push(entry.kind === 'directory' ? `${shown} (folder)` : shown);
  return found;
}

async function text(reader: SnapshotReader, path: string, reveal = false): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of (await show(reader, path, reveal)).content) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function code(running: Promise<unknown>): Promise<string> {
  const error: unknown = await running.catch((caught: unknown) => caught);
  return error instanceof HoldfastError ? error.code : 'none';
}

describe('browsing a snapshot', () => {
  it('lists one level at a time', async () => {
    const reader = await snapshotOf();
    const site = 'things/www.acme.com';
    expect(await paths(reader, '')).toEqual(['things/team', 'things/team/app', 'things/www.acme.com']);
    expect(await paths(reader, 'things')).toEqual(['things/team', 'things/team/app', 'things/www.acme.com']);
    expect(await paths(reader, site)).toEqual([
      `${site}/config.json`,
      `${site}/secret.json`,
      `${site}/items/ (folder)`,
      `${site}/objects/ (folder)`,
    ]);
    const level = [
      `${site}/objects/a`,
      `${site}/objects/a/ (folder)`,
      `${site}/objects/back\\\\slash`,
      `${site}/objects/dir/ (folder)`,
      `${site}/objects/odd/ (folder)`,
      `${site}/objects/top.txt`,
      `${site}/objects/zz-gone`,
    ];
    expect(await paths(reader, `${site}/objects`)).toEqual(level);
    expect(await paths(reader, `${site}/objects/`)).toEqual(level);
    expect(await paths(reader, `${site}/objects/a/`)).toEqual([
      `${site}/objects/a/1.txt`,
      `${site}/objects/a/b/ (folder)`,
    ]);
    expect(await paths(reader, `${site}/objects/a`)).toEqual([`${site}/objects/a`]);
    expect(await paths(reader, `${site}/objects/dir/`)).toEqual([`${site}/objects/dir/`]);
    expect(await paths(reader, `${site}/objects/odd/`)).toEqual([`${site}/objects/odd// (folder)`]);
    expect(await paths(reader, `${site}/items`)).toEqual([`${site}/items/1`, `${site}/items/2`]);
    expect(await paths(reader, `${site}/config.json`)).toEqual([`${site}/config.json`]);
    expect(await code(list(reader, `${site}/nothing`))).toBe('snapshot.path-not-found');
    expect(await code(list(reader, 'other'))).toBe('snapshot.path-not-found');
  });

  it('tells resources apart whose names hold slashes', async () => {
    const reader = await snapshotOf();
    expect(await text(reader, 'things/team/objects/app')).toBe('not the resource');
    expect(await text(reader, 'things/team/app/objects/a.txt')).toBe('a of team/app');
    expect(await paths(reader, 'things/team/app')).toContain('things/team/app/config.json');
  });

  it('shows content, and every path it lists can be shown or listed', async () => {
    const reader = await snapshotOf();
    const site = 'things/www.acme.com';
    expect(await text(reader, `${site}/objects/a`)).toBe('both file and folder');
    expect(await text(reader, `${site}/objects/back\\\\slash`)).toBe('back');
    expect(await text(reader, `${site}/objects/dir/`)).toBe('');
    expect(await text(reader, `${site}/objects/odd//slash`)).toBe('odd');
    expect(await text(reader, `${site}/items/2`)).toBe('{"id":2}');
    expect(JSON.parse(await text(reader, `${site}/objects/zz-gone`))).toEqual({ kind: 'marker', deleteMarker: true });
    expect(await code(show(reader, `${site}/objects/odd`, false))).toBe('usage.invalid');
    expect(await code(show(reader, site, false))).toBe('usage.invalid');
    expect(await code(show(reader, `${site}/objects/none`, false))).toBe('snapshot.path-not-found');
  });

  it('shows a secret only when asked to', async () => {
    const reader = await snapshotOf();
    const refused = show(reader, 'things/www.acme.com/secret.json', false);
    await expect(refused).rejects.toMatchObject({
      code: 'usage.invalid',
      hint: expect.stringContaining('--reveal') as string,
    });
    expect(await text(reader, 'things/www.acme.com/secret.json', true)).toBe('"hunter2"\n');
  });
});

describe('one level of a collection', () => {
  const ref = { type: 't', name: 'n', id: 'i', region: 'r', account: 'a' };

  async function captured(keys: readonly string[]): Promise<{ resource: CapturedResource; read: () => number }> {
    const snapshot = createMemorySnapshot(ref);
    const objects = snapshot.sink.collection('objects', { order: 'unsorted' });
    for (const key of keys) await objects.add({ key, kind: 'blob', content: utf8(key) });
    const { captured: inner } = await snapshot.finish();
    let read = 0;
    const resource: CapturedResource = {
      ...inner,
      async *entries(collection, range) {
        for await (const entry of inner.entries(collection, range)) {
          read++;
          yield entry;
        }
      },
    };
    return { resource, read: () => read };
  }

  it('equals the level computed from all keys', async () => {
    const key = fc
      .array(fc.constantFrom('a', 'b', '/', '!', '0', '\u{ff}'), { minLength: 1, maxLength: 7 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 40 }),
        fc.constantFrom('', 'a/', 'a/b/', '/'),
        async (keys, prefix) => {
          const { resource } = await captured(keys);
          const found: string[] = [];
          for await (const entry of levelOf(resource, 'objects', utf8(prefix))) found.push(displayBytes(entry.key));
          const expected = new Set(
            keys
              .filter((k) => k.startsWith(prefix))
              .map((k) => {
                const slash = k.indexOf('/', prefix.length);
                return slash === -1 || k === prefix ? k : k.slice(0, slash + 1);
              }),
          );
          expect(found).toEqual([...expected].sort((a, b) => compareBytes(utf8(a), utf8(b))));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not read through a large folder', async () => {
    const keys = ['first', ...Array.from({ length: 20_000 }, (_, i) => `big/${String(i).padStart(5, '0')}`), 'last'];
    const { resource, read } = await captured(keys);
    const found: string[] = [];
    for await (const entry of levelOf(resource, 'objects', utf8(''))) found.push(asBuffer(entry.key).toString());
    expect(found).toEqual(['big/', 'first', 'last']);
    expect(read()).toBeLessThan(200);
  });

  it('leaves the pages as they are that it looked at', async () => {
    const provider = createProvider();
    const objects = new Map(Array.from({ length: 500 }, (_, i) => [`big/${String(i).padStart(3, '0')}`, `${i}`]));
    addThing(provider, 'us-east-1', 'web', { objects });
    const made = await createTestEstate([thingConnector(provider)]);
    const settings = { selection: { selectors: [] }, tags: {}, resume: false };
    const { info } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
    const reader = await made.repository.open(info);
    expect(await paths(reader, 'things/web/objects')).toEqual(['things/web/objects/big/ (folder)']);
    expect(await paths(reader, 'things/web/objects/big/')).toHaveLength(500);
  });
});
