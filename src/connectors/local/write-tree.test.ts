import { chmodSync, linkSync, lstatSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import type { FileWriteJob, FileWriter } from '../../repository/read/contract.ts';
import { captureFolder, fill, newFolder, removeFolders } from './test-folder.ts';
import { writeTree } from './write-tree.ts';

afterEach(removeFolders);

const signal = new AbortController().signal;
const read = (path: string): string => readFileSync(path, 'utf8');

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
    expect(written).toEqual({ files: 3, nodes: 9, bytes: 10, failures: [] });
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
      nodes: 0,
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
