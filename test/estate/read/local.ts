import { createHash } from 'node:crypto';
import { createReadStream, type BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { describe, type DescribedItem, type EstateDescription } from '../description.ts';
import { inParallel } from '../parallel.ts';
import { readXattrs } from '../xattrs.ts';

const slash = Buffer.from('/');

interface Found {
  /** Bytes, below the folder; empty: the folder itself. */
  readonly name: Buffer;
  readonly stats: BigIntStats;
}

/** What a tree of files is, by plain calls: kind, mode, owner, time, size, content, links, extended attributes. */
export async function readFolder(folder: string): Promise<EstateDescription> {
  const top = Buffer.from(folder);
  const found: Found[] = [{ name: Buffer.alloc(0), stats: await lstat(top, { bigint: true }) }];
  await walk(top, Buffer.alloc(0), found);
  const attributes = await readXattrs(folder);
  const firstNames = firstNameOfLinked(found);
  const items = await inParallel(16, found, async ({ name, stats }): Promise<DescribedItem> => {
    const full = name.length === 0 ? top : Buffer.concat([top, slash, name]);
    return [
      `local/${printable(name)}`,
      {
        ...(await contentOf(full, stats)),
        mode: (Number(stats.mode) & 0o7777).toString(8),
        owner: `${stats.uid}:${stats.gid}`,
        modified: stats.mtimeNs.toString(),
        linkedWith: stats.isDirectory() || stats.nlink === 1n ? undefined : firstNames.get(stats.ino),
        attributes: attributes[full.toString('hex')],
      },
    ];
  });
  return describe(items);
}

async function walk(top: Buffer, below: Buffer, found: Found[]): Promise<void> {
  const folder = below.length === 0 ? top : Buffer.concat([top, slash, below]);
  for (const name of await readdir(folder, { encoding: 'buffer' })) {
    const path = below.length === 0 ? name : Buffer.concat([below, slash, name]);
    const stats = await lstat(Buffer.concat([top, slash, path]), { bigint: true });
    found.push({ name: path, stats });
    if (stats.isDirectory()) await walk(top, path, found);
  }
}

async function contentOf(file: Buffer, stats: BigIntStats): Promise<object> {
  if (stats.isDirectory()) return { kind: 'directory' };
  if (stats.isSymbolicLink()) {
    return { kind: 'symlink', target: printable(await readlink(file, { encoding: 'buffer' })) };
  }
  if (!stats.isFile()) return { kind: 'special' };
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  // Whether most of it is a hole: how many blocks it takes is the file system's business.
  const sparse = stats.blocks * 512n < stats.size / 2n;
  return { kind: 'file', bytes: Number(stats.size), sparse, sha256: hash.digest('hex') };
}

/** For each inode the first of its names in the tree, which names the group of hard links. */
function firstNameOfLinked(found: readonly Found[]): Map<bigint, string> {
  const first = new Map<bigint, string>();
  for (const { name, stats } of [...found].sort((a, b) => Buffer.compare(a.name, b.name))) {
    if (!first.has(stats.ino)) first.set(stats.ino, printable(name));
  }
  return first;
}

/** The text where the bytes are valid UTF-8, and hexadecimal where they are not: two names never print alike. */
function printable(name: Buffer): string {
  const text = name.toString();
  return Buffer.from(text).equals(name) ? text : `bytes:${name.toString('hex')}`;
}
