import type { BigIntStats } from 'node:fs';
import { mkdir, open, readdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hex } from '../../kernel/bytes.ts';
import type { RandomSource } from '../../kernel/runtime.ts';
import { errnoOf } from './errors.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Linux takes at most this many buffers in one writev (IOV_MAX). */
const mostBuffers = 1024;

export interface TemporaryFile {
  readonly path: string;
  /** As of the sync: inode, size and mtime are those the object will have. */
  readonly stats: BigIntStats;
}

/**
 * Writes the parts to a new file in `folder`, synced to the disk. On failure nothing is left.
 * The microseconds of the mtime are random: together with inode and size they make the version unique even where an
 * inode is used again within one tick of the file system's clock.
 */
export async function writeTemporary(
  folder: string,
  parts: readonly Uint8Array[],
  random: RandomSource,
): Promise<TemporaryFile> {
  const path = join(folder, temporaryName(random));
  const handle = await createIn(folder, path);
  try {
    await writeAll(handle, parts);
    return { path, stats: await finish(handle, random) };
  } catch (error) {
    await Promise.allSettled([handle.close()]);
    await removeFile(path);
    throw error;
  }
}

/** Does for a file that somebody else wrote what `writeTemporary` does for its own. */
export async function adoptTemporary(path: string, random: RandomSource): Promise<TemporaryFile> {
  const handle = await open(path, 'r+');
  try {
    return { path, stats: await finish(handle, random) };
  } catch (error) {
    await Promise.allSettled([handle.close()]);
    throw error;
  }
}

async function finish(handle: FileHandle, random: RandomSource): Promise<BigIntStats> {
  const ms = Math.floor((await handle.stat()).mtimeMs);
  const seconds = (ms + randomMicros(random) / 1000) / 1000;
  await handle.utimes(seconds, seconds);
  await handle.sync();
  const stats = await handle.stat({ bigint: true });
  await handle.close();
  return stats;
}

/** Unlinks; missing is no error. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes what processes that died left behind more than a day ago, by the clock of the file system itself. */
export async function sweepTemporary(folder: string, random: RandomSource): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  const probe = await writeTemporary(folder, [], random);
  await removeFile(probe.path);
  const now = Number(probe.stats.ctimeMs);
  for (const name of names) {
    const path = join(folder, name);
    // Another process may be sweeping too.
    const stats = await stat(path).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (stats?.isFile() === true && now - stats.mtimeMs > dayMs) await removeFile(path);
  }
}

/** A name no other process makes. The process id is for people who look into the folder. */
export function temporaryName(random: RandomSource): string {
  return `${process.pid}-${hex(random.bytes(12))}`;
}

/** Creates the folder of unfinished files. Not recursive: below an unmounted root nothing must be created. */
export async function makeTemporaryFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

async function createIn(folder: string, path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  await makeTemporaryFolder(folder);
  return await open(path, 'wx', 0o600);
}

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  let waiting = parts.filter((part) => part.byteLength > 0);
  while (waiting.length > 0) {
    const batch = waiting.slice(0, mostBuffers);
    const { bytesWritten } = await handle.writev(batch);
    waiting = [...unwritten(batch, bytesWritten), ...waiting.slice(mostBuffers)];
  }
}

/** What a short write left over of the batch. */
function unwritten(batch: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  const rest: Uint8Array[] = [];
  for (const part of batch) {
    if (skip >= part.byteLength) skip -= part.byteLength;
    else {
      rest.push(part.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}

function randomMicros(random: RandomSource): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) % 1000;
}
