import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import {
  asOrdinaryUser,
  captureFolder,
  fill,
  handMade,
  localContext,
  newFolder,
  removeFolders,
  restore,
} from './test-folder.ts';

afterEach(removeFolders);

const read = (path: string): string => readFileSync(path, 'utf8');
const isRoot = process.geteuid?.() === 0;

describe('restore to where it was', () => {
  it('create-missing makes what is missing and leaves the rest as it is', async () => {
    const root = newFolder();
    fill(root, { 'a/x': 'old x', 'a/y': 'old y', 'b/c/z': 'old z', f: 'old f' });
    chmodSync(join(root, 'b/c'), 0o750);
    utimesSync(join(root, 'b/c'), 1000, 1000);
    const captured = await captureFolder({ path: root });
    writeFileSync(join(root, 'a/x'), 'new x, longer');
    rmSync(join(root, 'a/y'));
    rmSync(join(root, 'b'), { recursive: true });
    rmSync(join(root, 'f'));
    mkdirSync(join(root, 'f'));
    utimesSync(join(root, 'a'), 2000, 2000);
    chmodSync(join(root, 'a'), 0o700);
    const context = { ...localContext({ path: root }), mode: 'create-missing' as const };
    expect((await restore(context, captured)).failures).toEqual([]);
    expect([read(join(root, 'a/x')), read(join(root, 'a/y')), read(join(root, 'b/c/z'))]).toEqual([
      'new x, longer',
      'old y',
      'old z',
    ]);
    expect(lstatSync(join(root, 'f')).isDirectory()).toBe(true);
    expect(lstatSync(join(root, 'a')).mode & 0o777).toBe(0o700);
    expect(lstatSync(join(root, 'b/c')).mode & 0o777).toBe(0o750);
    expect(lstatSync(join(root, 'b/c')).mtimeMs).toBe(1_000_000);
    expect((await restore(context, captured)).actions).toEqual([]);
  });

  it('revert-changed puts back what differs, keeps what is new, and will not empty a folder', async () => {
    const root = newFolder();
    fill(root, { a: 'a', 'b/x': 'x', c: 'c' });
    const captured = await captureFolder({ path: root });
    rmSync(join(root, 'a'));
    fill(root, { 'a/new': 'somebody put this here', 'b/new': 'new', c: 'changed' });
    const context = { ...localContext({ path: root }), mode: 'revert-changed' as const };
    expect((await restore(context, captured)).failures).toEqual(['item.conflict']);
    expect([read(join(root, 'a/new')), read(join(root, 'b/new')), read(join(root, 'c'))]).toEqual([
      'somebody put this here',
      'new',
      'c',
    ]);
    const exact = await restore({ ...context, mode: 'exact' }, captured);
    expect(exact.failures).toEqual([]);
    expect(exact.actions.map((action) => action.operation)).toEqual(['write-files', 'delete-extra', 'set-attributes']);
    expect(read(join(root, 'a'))).toBe('a');
    expect(readdirSync(join(root, 'b'))).toEqual(['x']);
  });

  it('names each phase once, with counts and bytes, in an order that its dependencies allow', async () => {
    const root = newFolder();
    fill(root, { 'd/x': '12345', 'd/y': '1234567890', z: '' });
    symlinkSync('d', join(root, 'link'));
    const captured = await captureFolder({ path: root });
    rmSync(root, { recursive: true });
    const { actions } = await restore(localContext({ path: root }), captured);
    expect(actions.map((a) => [a.operation, a.effect, a.items, a.bytes, a.dependsOn.length])).toEqual([
      ['make-directories', 'create', 2, 0, 0],
      ['write-files', 'create', 3, 15, 1],
      ['make-links', 'create', 1, 0, 2],
      ['set-attributes', 'update', 1, 0, 3],
    ]);
    expect(actions[1]?.title).toBe(`write files under ${root} (3 missing, 15 B)`);
    expect(readlinkSync(join(root, 'link'))).toBe('d');
  });

  it('exact never deletes what captures leave out, now or then, or could not read', async () => {
    const root = newFolder();
    fill(root, { 'a/x': 'x', 'a/then': '1', 'a/now': '2', 'shut/unknown': '3', 'x/then': '4' });
    chmodSync(join(root, 'shut'), 0o000);
    const captured = await asOrdinaryUser(
      async () => await captureFolder({ path: root, exclude: ['**/then', 'a/now', 'x'] }),
    );
    chmodSync(join(root, 'shut'), 0o755);
    fill(root, { 'a/extra/deep/er': '', 'b/then': 'keeps its folder' });
    const context = localContext({ path: root, exclude: ['a/now', 'x'] });
    expect((await restore(context, captured)).failures).toEqual([]);
    expect((await restore(context, captured)).actions).toEqual([]);
    // Its mode came back too: nobody could look into it.
    expect(lstatSync(join(root, 'shut')).mode & 0o777).toBe(0);
    chmodSync(join(root, 'shut'), 0o755);
    const all = execFileSync('find', ['.', '-type', 'f'], { cwd: root, encoding: 'utf8' }).trim().split('\n').sort();
    expect(all).toEqual(['./a/now', './a/then', './a/x', './b/then', './shut/unknown', './x/then']);
  });

  it('restores one file, with the folders above it, and nothing else', async () => {
    const root = newFolder();
    fill(root, { 'a/b/x': 'x', 'a/b/y': 'y', 'a/z': 'z' });
    chmodSync(join(root, 'a/b'), 0o711);
    const captured = await captureFolder({ path: root });
    rmSync(join(root, 'a'), { recursive: true });
    const context = { ...localContext({ path: root }), only: { collection: 'files', prefix: utf8('a/b/x') } };
    expect((await restore(context, captured)).failures).toEqual([]);
    expect(execFileSync('find', ['.', '-type', 'f'], { cwd: root, encoding: 'utf8' })).toBe('./a/b/x\n');
    expect(lstatSync(join(root, 'a/b')).mode & 0o777).toBe(0o711);
    expect((await restore(context, captured)).actions).toEqual([]);
  });

  it('gives a later name of a file its content when the first is not part of the restore', async () => {
    const root = newFolder();
    fill(root, { 'a/first': 'shared' });
    mkdirSync(join(root, 'b'));
    linkSync(join(root, 'a/first'), join(root, 'b/second'));
    const captured = await captureFolder({ path: root });
    rmSync(join(root, 'b/second'));
    rmSync(join(root, 'a/first'));
    const context = { ...localContext({ path: root }), only: { collection: 'files', prefix: utf8('b/') } };
    expect((await restore(context, captured)).failures).toEqual([]);
    expect(read(join(root, 'b/second'))).toBe('shared');
    expect(existsSync(join(root, 'a/first'))).toBe(false);
    expect((await restore(context, captured)).actions).toEqual([]);
  });

  it('links the other names again when the first is rewritten', async () => {
    const root = newFolder();
    fill(root, { first: 'shared' });
    linkSync(join(root, 'first'), join(root, 'second'));
    const captured = await captureFolder({ path: root });
    writeFileSync(join(root, 'first'), 'changed through either name');
    expect((await restore(localContext({ path: root }), captured)).failures).toEqual([]);
    expect(lstatSync(join(root, 'first')).ino).toBe(lstatSync(join(root, 'second')).ino);
    expect(read(join(root, 'second'))).toBe('shared');
  });

  it('fills read-only folders without being root, and leaves them read-only', async () => {
    const base = newFolder();
    chmodSync(base, 0o777);
    await asOrdinaryUser(async () => {
      const root = join(base, 'mine');
      fill(root, { 'shut/x': 'x', 'shut/y': 'y' });
      chmodSync(join(root, 'shut'), 0o555);
      const captured = await captureFolder({ path: root });
      chmodSync(join(root, 'shut'), 0o755);
      rmSync(join(root, 'shut/x'));
      writeFileSync(join(root, 'shut/extra'), '');
      chmodSync(join(root, 'shut'), 0o555);
      expect((await restore(localContext({ path: root }), captured)).failures).toEqual([]);
      expect(readdirSync(join(root, 'shut'))).toEqual(['x', 'y']);
      expect(lstatSync(join(root, 'shut')).mode & 0o777).toBe(0o555);
    });
  });

  it('gives set-id bits only with the owner they were meant for', async () => {
    const base = newFolder();
    chmodSync(base, 0o777);
    const captured = await handMade([
      {
        key: 'x',
        kind: 'blob',
        attributes: { mode: 0o6755, uid: 0, gid: 0, mtimeNs: '1000000000' },
        content: utf8('#!'),
      },
    ]);
    await asOrdinaryUser(async () => {
      const root = join(base, 'out');
      const { failures, actions } = await restore(
        { ...localContext({ path: root }), targetPath: utf8(root) },
        captured,
      );
      expect(failures).toEqual([]);
      expect(lstatSync(join(root, 'x')).mode & 0o7777).toBe(0o755);
      expect(actions.at(-1)?.ledger).toMatchObject([{ class: 'needs-human', what: 'owners of files', count: 1 }]);
    });
    if (!isRoot) return;
    const root = join(base, 'by-root');
    await restore({ ...localContext({ path: root }), targetPath: utf8(root) }, captured);
    expect(lstatSync(join(root, 'x')).mode & 0o7777).toBe(0o6755);
  });
});
