import { execFile } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const page = 4096;

/** A file system of its own that can be filled up. */
export interface SmallDisk {
  readonly path: string;
  /** Takes all space but for so many pages of 4 KiB. */
  fillBut(pages: number): void;
  makeRoom(): void;
  remove(): Promise<void>;
}

/** Undefined where this user may not mount one. */
export async function smallDisk(mebibytes: number): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path]);
  } catch {
    await rm(path, { recursive: true });
    return undefined;
  }
  const ballast = join(path, 'ballast');
  return {
    path,
    fillBut(pages) {
      const room = join(path, 'room');
      write(room, pages * page);
      write(ballast, Infinity);
      rmSync(room);
    },
    makeRoom: () => rmSync(ballast, { force: true }),
    async remove() {
      await run('umount', [path]);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Writes until there are that many bytes or no more space. */
function write(file: string, bytes: number): void {
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(16 * page, 1);
  try {
    for (let left = bytes; left > 0; left -= block.length)
      writeSync(descriptor, block, 0, Math.min(block.length, left));
    while (bytes === Infinity) writeSync(descriptor, block, 0, page);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    // The last blocks by the page.
    if (bytes === Infinity) writePages(descriptor, block);
  } finally {
    closeSync(descriptor);
  }
}

function writePages(descriptor: number, block: Buffer): void {
  try {
    for (;;) writeSync(descriptor, block, 0, page);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
