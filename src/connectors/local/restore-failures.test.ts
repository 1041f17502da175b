import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { connector } from './index.ts';
import { captureFolder, fill, handMade, localContext, newFolder, removeFolders, restore } from './test-folder.ts';
import { writeTree } from './write-tree.ts';

afterEach(removeFolders);

const signal = new AbortController().signal;
const read = (path: string): string => readFileSync(path, 'utf8');
const isRoot = process.geteuid?.() === 0;

/** The same resource, but reading it does what the test says. */
function reading(captured: CapturedResource, content: () => AsyncIterable<Uint8Array>): CapturedResource {
  return { ...captured, read: content };
}

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
