import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CollectionSink, NewEntry } from '../../kernel/capture.ts';
import { compareBytes } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import { createMemorySnapshot } from '../conformance-memory.ts';
import { byteText, toBytes } from './byte-text.ts';
import { capture } from './capture.ts';
import { discover } from './discover.ts';
import { createExclusion } from './exclude.ts';
import { asOrdinaryUser, captureFolder, fill, keysOf, localContext, newFolder, removeFolders } from './test-folder.ts';
import { walk } from './walk.ts';
import { loadXattrs } from './xattrs.ts';

afterEach(removeFolders);

const everything = { exclusion: createExclusion([]), caches: 'enter' as const };

describe('walk', () => {
  it('visits in the byte order of keys, whatever the names', () => {
    const byte = fc.oneof(
      fc.constantFrom(0x2d, 0x2e, 0x30, 0x61, 0x62, 0xff, 0x0a, 0x5c),
      fc.integer({ min: 1, max: 255 }),
    );
    const name = fc
      .array(byte, { minLength: 1, maxLength: 4 })
      .map((bytes) => Buffer.from(bytes).toString('latin1'))
      .filter((text) => !text.includes('/') && text !== '.' && text !== '..');
    const tree = fc.array(fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(tree, (nodes) => {
        const root = newFolder();
        for (const [parts, isFolder] of nodes) {
          const at = toBytes([root, ...parts].join('/'));
          try {
            mkdirSync(isFolder ? at : toBytes([root, ...parts.slice(0, -1)].join('/')), { recursive: true });
            if (!isFolder) writeFileSync(at, 'x', { flag: 'wx' });
          } catch (error) {
            // A file and a folder of the same name were drawn.
            if (!['EEXIST', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
          }
        }
        const found = [...walk({ root, ...everything })];
        const keys = found.map((node) => toBytes(node.key));
        expect(keys).toEqual([...keys].sort(compareBytes));
        const listed = spawnSync('find', [root, '-mindepth', '1', '-print0']).stdout.toString('latin1');
        expect(found.map((node) => node.path).sort()).toEqual(listed.split('\0').slice(0, -1).sort());
        rmSync(root, { recursive: true });
        mkdirSync(root);
      }),
      { numRuns: 60 },
    );
  });

  it('takes 20,000 entries of one directory, and prints how long', () => {
    const root = newFolder();
    for (let i = 0; i < 20_000; i++) writeFileSync(join(root, `file-${(i * 7919) % 20_000}`), '');
    const started = performance.now();
    let entries = 0;
    for (const _ of walk({ root, ...everything })) entries++;
    process.stderr.write(`walked 20,000 entries in ${Math.round(performance.now() - started)} ms\n`);
    expect(entries).toBe(20_000);
  });
});

describe('capture of a folder', () => {
  it('leaves out what is excluded, and all below it', async () => {
    const root = newFolder();
    fill(root, { 'a/node_modules/x': '', 'a/keep': '', 'build/x': '', 'b/build': '', 'x.log': '' });
    const found = await captureFolder({ path: root, exclude: ['**/node_modules', '**/build/', '*.log'] });
    expect(await keysOf(found)).toEqual(['a/', 'a/keep', 'b/', 'b/build']);
  });

  it('keeps only the tag of a cache directory when asked to', async () => {
    const root = newFolder();
    const tag = 'Signature: 8a477f597d28d172789f06886806bc55\n';
    fill(root, { 'c/CACHEDIR.TAG': tag, 'c/x': '', 'd/CACHEDIR.TAG': 'no signature', 'd/x': '' });
    const keys = await keysOf(await captureFolder({ path: root, 'exclude-caches': true }));
    expect(keys).toEqual(['c/', 'c/CACHEDIR.TAG', 'd/', 'd/CACHEDIR.TAG', 'd/x']);
    expect(await keysOf(await captureFolder({ path: root }))).toContain('c/x');
  });

  it('names mount points and does not enter them with one-file-system', async () => {
    // /proc is mounted below / on every Linux.
    const nodes = walk({ root: '', ...everything, exclusion: createExclusion(['[!p]*', 'p[!r]*']), device: -1n });
    expect([...nodes].map((node) => node.key)).toEqual(['proc/']);
  });

  it('captures a source that is one file, and not its neighbours', async () => {
    const root = newFolder();
    fill(root, { one: 'content', two: '' });
    const found = await captureFolder({ path: join(root, 'one') });
    expect(await keysOf(found)).toEqual(['one']);
    expect(await found.captured.json('', 'folder.json')).toMatchObject({ type: 'file', path: join(root, 'one') });
  });

  it('says which folder is missing, and refuses relative paths', async () => {
    const context = localContext({ path: join(newFolder(), 'gone') });
    await expect(async () => await discover(context).next()).rejects.toThrow(/gone of source tools does not exist/);
    const relative = { ...context, options: { ...context.options, path: 'tools' } };
    const error = await discover(relative)
      .next()
      .catch((reason: unknown) => reason);
    expect(isCode(error, 'config.invalid')).toBe(true);
  });

  it('loses one item each to what is unreadable, and marks its place', async () => {
    const root = newFolder();
    fill(root, { 'a/x': 'x', 'shut/x': 'x', 'no-look/x': 'x', z: 'z' });
    chmodSync(join(root, 'shut'), 0o000);
    chmodSync(join(root, 'no-look'), 0o444);
    const found = await asOrdinaryUser(async () => await captureFolder({ path: root }));
    expect(found.failures.map((failure) => [failure.code, failure.message.includes(root)])).toEqual([
      ['item.denied', true],
      ['item.denied', true],
    ]);
    expect(await keysOf(found)).toEqual(['a/', 'a/x', 'no-look/', 'no-look/x', 'shut/', 'z']);
    expect((await found.captured.entry('files', 'shut/'))?.attributes).toMatchObject({ unlisted: true });
    expect((await found.captured.entry('files', 'no-look/x'))?.kind).toBe('marker');
  });

  it('loses one item to a file that vanishes between listing and looking', async () => {
    const root = newFolder();
    fill(root, { a: '', b: '', c: '' });
    const snapshot = createMemorySnapshot({
      type: 'local',
      name: 'tools',
      id: root,
      region: 'local',
      account: 'local',
    });
    const files = snapshot.sink.collection('files');
    const vanishing: CollectionSink = {
      async add(entry: NewEntry) {
        if (byteText(entry.key as Uint8Array) === 'a') unlinkSync(join(root, 'b'));
        await files.add(entry);
      },
      idle: files.idle,
    };
    const context = localContext({ path: root });
    const resource = (await discover(context).next()).value;
    if (resource === undefined) throw new Error('nothing discovered');
    await capture(context, resource, { ...snapshot.sink, collection: () => vanishing });
    const found = await snapshot.finish();
    expect(found.failures.map((failure) => failure.code)).toEqual(['item.not-found']);
    expect(await keysOf(found)).toEqual(['a', 'c']);
  });

  it('notes in the ledger what will not come back', async () => {
    const root = newFolder();
    fill(root, { a: '' });
    const server = createServer().listen(join(root, 'socket'));
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) spawnSync('mknod', [join(root, 'null'), 'c', '1', '3']);
    const found = await captureFolder({ path: root });
    server.close();
    const lines = found.captured.ledger.map((note) => note.what);
    expect(lines).toContain('sockets');
    expect(lines).toContain('modification times below a microsecond');
    expect(lines.includes('device nodes')).toBe(isRoot);
    expect((await found.captured.entry('files', 'socket'))?.attributes).toMatchObject({ type: 'socket' });
  });

  it('says once that extended attributes are missing when their package is', async () => {
    const root = newFolder();
    fill(root, { a: '', b: '' });
    const context = localContext({ path: root });
    const resource = (await discover(context).next()).value;
    if (resource === undefined) throw new Error('nothing discovered');
    const snapshot = createMemorySnapshot(resource.ref);
    const absent = (): never => {
      throw new Error('not installed');
    };
    await capture(context, resource, snapshot.sink, () => loadXattrs(absent));
    const notes = (await snapshot.finish()).captured.ledger.filter((note) => note.what.includes('extended'));
    expect(notes).toMatchObject([{ class: 'needs-human', what: 'extended attributes are not captured' }]);
  });

  it('captures extended attributes where the file system has them', async () => {
    const root = newFolder();
    fill(root, { a: '' });
    const set = spawnSync(process.execPath, [
      '-e',
      `require('@napi-rs/xattr').setAttributeSync(${JSON.stringify(join(root, 'a'))}, 'user.colour', Buffer.from([0, 255]))`,
    ]);
    const found = await captureFolder({ path: root });
    const attributes = (await found.captured.entry('files', 'a'))?.attributes;
    expect(attributes?.['xattrs']).toEqual(set.status === 0 ? { 'user.colour': 'AP8=' } : undefined);
    const without = await captureFolder({ path: root, xattrs: false });
    expect((await without.captured.entry('files', 'a'))?.attributes['xattrs']).toBeUndefined();
  });

  it('stores a file with several names once', async () => {
    const root = newFolder();
    fill(root, { 'b/first': 'content' });
    linkSync(join(root, 'b/first'), join(root, 'c'));
    linkSync(join(root, 'b/first'), join(root, 'b-before'));
    const { captured } = await captureFolder({ path: root });
    expect(await captured.entry('files', 'b-before')).toMatchObject({ kind: 'blob', attributes: { links: 3 } });
    for (const later of ['b/first', 'c']) {
      expect(await captured.entry('files', later)).toMatchObject({
        kind: 'hardlink',
        attributes: { target: 'b-before' },
      });
    }
  });

  it('follows a source path that is a link, and no link below it', async () => {
    const root = newFolder();
    fill(root, { 'real/x': '', outside: '' });
    symlinkSync('real', join(root, 'link'));
    symlinkSync('..', join(root, 'real/up'));
    expect(await keysOf(await captureFolder({ path: join(root, 'link') }))).toEqual(['up', 'x']);
  });

  it('stops when it is told to', async () => {
    const root = newFolder();
    for (let i = 0; i < 1000; i++) writeFileSync(join(root, String(i)), '');
    const context = { ...localContext({ path: root }), signal: AbortSignal.abort(new Error('told to stop')) };
    const resource = (await discover(context).next()).value;
    if (resource === undefined) throw new Error('nothing discovered');
    await expect(capture(context, resource, createMemorySnapshot(resource.ref).sink)).rejects.toThrow('told to stop');
  });
});
