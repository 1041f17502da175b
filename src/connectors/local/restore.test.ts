import { execFileSync, spawnSync } from 'node:child_process';
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
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { FileWriteJob, FileWriter } from '../../repository/read/contract.ts';
import { connector } from './index.ts';
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
import { writeTree } from './write-tree.ts';

afterEach(removeFolders);

const signal = new AbortController().signal;
const read = (path: string): string => readFileSync(path, 'utf8');
const isRoot = process.geteuid?.() === 0;

/** The same resource, but reading it does what the test says. */
function reading(captured: CapturedResource, content: () => AsyncIterable<Uint8Array>): CapturedResource {
  return { ...captured, read: content };
}

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

describe('what goes wrong while restoring', () => {
  it('leaves the old file whole and no half file when the disk is full', async () => {
    const root = newFolder();
    const mounted = isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root]).status === 0;
    try {
      fill(root, { 'big-old': 'the old content' });
      const content = Buffer.alloc(3_000_000, 'x');
      const facts = { mode: 0o644, uid: 0, gid: 0, mtimeNs: '1000000000' };
      const { captured } = await handMade([
        { key: 'big-new', kind: 'blob', attributes: facts, content },
        { key: 'big-old', kind: 'blob', attributes: facts, content },
      ]);
      // Where no small file system can be mounted, the system's answer comes in the middle of the content.
      const full = reading(captured, async function* () {
        yield content.subarray(0, 500_000);
        throw Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
      });
      const error = await writeTree(mounted ? captured : full, utf8(root), { signal }).catch((e: unknown) => e);
      expect(isCode(error, 'machine.disk-full')).toBe(true);
      expect(readdirSync(root)).toEqual(['big-old']);
      expect(read(join(root, 'big-old'))).toBe('the old content');
    } finally {
      if (mounted) spawnSync('umount', [root]);
    }
  });

  it('refuses keys that leave the target, and writes the others', async () => {
    const base = newFolder();
    const root = join(base, 'target');
    const evil = ['../evil', '/evil', 'a/../../evil', '..', 'a//b', './evil', 'a\0b'];
    const captured = await handMade([
      ...evil.map((key) => ({ key, kind: 'blob' as const, content: utf8('evil') })),
      { key: '../folder/', kind: 'directory', attributes: { mode: 0o755 } },
      { key: '../link', kind: 'symlink', attributes: { target: '/etc' } },
      { key: 'hard', kind: 'hardlink', attributes: { target: '../../etc/passwd' } },
      { key: 'good', kind: 'blob', content: utf8('good') },
    ]);
    const written = await writeTree(captured.captured, utf8(root), { signal });
    expect(written.files).toBe(1);
    expect(new Set(written.failures.map((failure) => failure.code))).toEqual(new Set(['restore.path-escapes']));
    expect(readdirSync(base)).toEqual(['target']);
    expect(readdirSync(root)).toEqual(['good']);
    const planned = connector.live?.plan(
      { ...localContext({ path: root }), targetPath: utf8(root) },
      captured.captured,
    );
    await expect(planned).rejects.toMatchObject({ code: 'restore.path-escapes', row: { exit: 2 } });
  });

  it('writes nothing through links, those that are there and those it restores', async () => {
    const root = newFolder();
    const outside = newFolder();
    fill(outside, { keep: 'untouched' });
    symlinkSync(outside, join(root, 'folder'));
    symlinkSync(join(outside, 'keep'), join(root, 'file'));
    const facts = { mode: 0o600, uid: 0, gid: 0, mtimeNs: '1000000000' };
    const entries = [
      { key: 'file', kind: 'blob' as const, attributes: facts, content: utf8('mine') },
      { key: 'folder/keep', kind: 'blob' as const, attributes: facts, content: utf8('mine') },
      { key: 'link', kind: 'symlink' as const, attributes: { target: outside, ...facts } },
      { key: 'link/keep', kind: 'blob' as const, attributes: facts, content: utf8('mine') },
    ];
    const through = await writeTree((await handMade(entries)).captured, utf8(root), { signal });
    expect(through.failures.map((failure) => failure.code).sort()).toEqual(['item.not-found', 'restore.path-escapes']);
    expect(read(join(root, 'file'))).toBe('mine');
    const again = await writeTree((await handMade(entries)).captured, utf8(root), { signal });
    expect(again.failures.map((failure) => failure.code)).toEqual(['restore.path-escapes', 'restore.path-escapes']);
    // A captured folder takes the place of the link.
    const folder = { key: 'folder/', kind: 'directory' as const, attributes: { ...facts, mode: 0o700 } };
    await writeTree((await handMade([folder, ...entries])).captured, utf8(root), { signal });
    expect(lstatSync(join(root, 'folder')).isDirectory()).toBe(true);
    expect(read(join(root, 'folder/keep'))).toBe('mine');
    expect(read(join(outside, 'keep'))).toBe('untouched');
    expect(lstatSync(join(outside, 'keep')).mode & 0o777).not.toBe(0o600);
    expect(readdirSync(outside)).toEqual(['keep']);
  });

  it('does not put a content in place that came back short', async () => {
    const root = newFolder();
    fill(root, { x: 'whole' });
    const { captured } = await captureFolder({ path: root });
    writeFileSync(join(root, 'x'), 'other');
    const short = reading(captured, async function* () {
      yield utf8('wh');
    });
    const written = await writeTree(short, utf8(root), { signal });
    expect(written.failures.map((failure) => failure.code)).toEqual(['item.damaged']);
    expect([readdirSync(root), read(join(root, 'x'))]).toEqual([['x'], 'other']);
  });

  it('removes what a killed restore left, and not what a running one is writing', async () => {
    const root = newFolder();
    fill(root, { x: 'x' });
    const captured = await captureFolder({ path: root });
    const gone = spawnSync('true').pid;
    fill(root, {
      [`.holdfast-${gone}-1.partial`]: 'half',
      [`.holdfast-${process.ppid}-1.partial`]: 'busy',
      x: 'changed',
    });
    const context = { ...localContext({ path: root }), mode: 'revert-changed' as const };
    expect((await restore(context, captured)).failures).toEqual([]);
    expect(readdirSync(root).sort()).toEqual([`.holdfast-${process.ppid}-1.partial`, 'x']);
  });

  it('stops at errors of the store and goes on after damage of one entry', async () => {
    const root = newFolder();
    fill(root, { a: 'a', b: 'b' });
    const { captured } = await captureFolder({ path: root });
    const failing = (code: 'storage.unavailable' | 'repository.corrupt'): CapturedResource =>
      reading(captured, async function* () {
        yield* [] as Uint8Array[];
        throw new HoldfastError(code, 'as the test says');
      });
    const target = utf8(join(root, 'out'));
    const stopped = await writeTree(failing('storage.unavailable'), target, { signal }).catch((e: unknown) => e);
    expect(isCode(stopped, 'storage.unavailable')).toBe(true);
    const damaged = await writeTree(failing('repository.corrupt'), target, { signal });
    expect(damaged.failures.map((failure) => failure.code)).toEqual(['repository.corrupt', 'repository.corrupt']);
    expect(readdirSync(join(root, 'out'))).toEqual([]);
  });

  it('refuses an action it did not plan', async () => {
    const root = newFolder();
    const captured = await captureFolder({ path: root });
    const action = {
      id: 'local/tools/x',
      resource: captured.captured.ref,
      operation: 'format-disk',
      title: '',
      effect: 'delete' as const,
      dependsOn: [],
      input: { root, created: [] },
    };
    await expect(connector.live?.apply(localContext({ path: root }), action, captured.captured)).rejects.toMatchObject({
      code: 'plan.invalid',
    });
  });
});

describe('restore to a directory', () => {
  it('lays the tree under any directory, through a writer, and again without work', async () => {
    const root = newFolder();
    fill(root, { 'a/x': 'x', y: 'y', 'a/old': 'captured' });
    linkSync(join(root, 'y'), join(root, 'z'));
    utimesSync(join(root, 'a'), 5000, 5000);
    chmodSync(join(root, 'y'), 0o640);
    const { captured } = await captureFolder({ path: root });
    const out = join(newFolder(), 'deep/out');
    fill(out, { 'a/old': 'something else', 'a/extra': 'stays' });
    const first = fileWriter();
    const seen: number[] = [];
    const written = await writeTree(captured, utf8(out), {
      signal,
      writer: first.writer,
      onProgress: (done) => seen.push(done.items),
    });
    expect(written).toEqual({ files: 3, bytes: 10, failures: [] });
    expect(seen.at(-1)).toBeGreaterThanOrEqual(3);
    expect([read(join(out, 'a/old')), read(join(out, 'a/extra')), read(join(out, 'z'))]).toEqual([
      'captured',
      'stays',
      'y',
    ]);
    expect(lstatSync(join(out, 'y')).ino).toBe(lstatSync(join(out, 'z')).ino);
    expect(lstatSync(join(out, 'y')).mode & 0o777).toBe(0o640);
    expect(lstatSync(join(out, 'a')).mtimeMs).toBe(5_000_000);
    const second = fileWriter();
    expect(await writeTree(captured, utf8(out), { signal, writer: second.writer })).toEqual({
      files: 0,
      bytes: 0,
      failures: [],
    });
    expect(second.jobs).toEqual([]);
  });

  it('restores a part', async () => {
    const root = newFolder();
    fill(root, { 'a/x': 'x', 'b/y': 'y' });
    const { captured } = await captureFolder({ path: root });
    const out = newFolder();
    await writeTree(captured, utf8(out), { signal, only: { collection: 'files', prefix: utf8('a/') } });
    expect(readdirSync(out)).toEqual(['a']);
    await writeTree(captured, utf8(out), { signal, only: { collection: '', prefix: utf8('') } });
    expect(readdirSync(out)).toEqual(['a']);
  });
});

/** A writer as the contract says: files are there after finish, and not before. */
function fileWriter(): { readonly writer: FileWriter; readonly jobs: FileWriteJob[] } {
  const jobs: FileWriteJob[] = [];
  return {
    jobs,
    writer: {
      write: async (job) => void jobs.push(job),
      async finish() {
        let bytes = 0;
        for (const { resource, entry, path, mode } of jobs) {
          const content = await resource.bytes(entry);
          rmSync(asBuffer(path), { force: true });
          writeFileSync(asBuffer(path), content, { mode });
          bytes += content.length;
        }
        return { files: jobs.length, bytes, failures: [] };
      },
    },
  };
}
