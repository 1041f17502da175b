import type { BigIntStats, Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapOrdered } from '../../kernel/concurrency.ts';
import type { StoredObject } from '../contract.ts';
import { isLegalKey, reservedSegment } from '../keys.ts';
import { errnoOf } from './errors.ts';

const statsAtOnce = 16;

/** Inode, size and mtime: see writeTemporary for why no two objects of one key share them. */
export function versionOf(stats: BigIntStats): string {
  return [stats.ino, stats.size, stats.mtimeNs].map((part) => part.toString(36)).join('-');
}

export function storedObject(key: string, stats: BigIntStats): StoredObject {
  return { key, size: Number(stats.size), version: versionOf(stats), modifiedAt: Number(stats.mtimeNs / 1_000_000n) };
}

/** Objects under the prefix in ascending order of keys; holds the names of one directory per level. */
export async function* listObjects(root: string, prefix: string): AsyncGenerator<StoredObject> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const found = mapOrdered(walk(root, folder, prefix), statsAtOnce, async (key) => {
    const stats = await statFile(join(root, key));
    return stats === undefined ? undefined : storedObject(key, stats);
  });
  for await (const object of found) if (object !== undefined) yield object;
}

/** Undefined when there is no file: also when a part of the path is one, or the path is a directory. */
export async function statFile(path: string): Promise<BigIntStats | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}

async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<string> {
  const names = (await entriesOf(join(root, folder)))
    // Files that no put can have made are not ours.
    .filter((entry) => entry.isFile() || (entry.isDirectory() && !(folder === '' && entry.name === reservedSegment)))
    // With the slash, directories sort where their keys do: `a-b`, `a/x`, `a0`.
    .map((entry) => (entry.isDirectory() ? `${folder}${entry.name}/` : `${folder}${entry.name}`))
    .filter((key) => key.startsWith(prefix) || prefix.startsWith(key))
    .sort();
  for (const key of names) {
    if (key.endsWith('/')) yield* walk(root, key, prefix);
    else if (key.startsWith(prefix) && isLegalKey(key)) yield key;
  }
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return [];
    throw error;
  }
}
