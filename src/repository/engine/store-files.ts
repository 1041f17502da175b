import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, displayBytes } from '../../kernel/bytes.ts';
import type { StreamChunker } from '../chunks/stream-chunker.ts';
import type { FileItem } from './messages.ts';

const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const attempts = 3;

/**
 * Reads a file into the chunker; returns its bytes when they are few enough to be a single chunk, undefined when the
 * chunker got them. A file that changes while it is read is read again, three times in all; then item.changed.
 */
export function readFileInto(
  item: FileItem,
  chunker: StreamChunker,
  smallLimit: number,
  restart: () => void,
): { readonly size: number; readonly small?: Buffer } {
  const path = asBuffer(item.path);
  let fd: number;
  try {
    fd = openSync(path, openFlags);
  } catch (error) {
    throw readError(error, path);
  }
  try {
    for (let attempt = 1; ; attempt++) {
      const before = fstatSync(fd, { bigint: true });
      if (!before.isFile())
        throw new HoldfastError('item.changed', `${displayBytes(path)} is no longer a regular file`);
      // Reading again cannot help: what the listing said of mode, owner and time belongs to the file that was replaced.
      if (item.ino !== undefined && before.ino !== item.ino)
        throw new HoldfastError(
          'item.changed',
          `${displayBytes(path)} was replaced by another file before it was read`,
        );
      const size = Number(before.size);
      const read = size <= smallLimit ? readSmall(fd, size, chunker) : readLarge(fd, chunker);
      const after = fstatSync(fd, { bigint: true });
      if (sameFile(before, after) && read.size === size) return read;
      restart();
      if (attempt === attempts)
        throw new HoldfastError('item.changed', `${displayBytes(path)} changed while it was read, ${attempts} times`);
    }
  } catch (error) {
    throw readError(error, path);
  } finally {
    closeSync(fd);
  }
}

function readSmall(fd: number, size: number, chunker: StreamChunker): { size: number; small: Buffer } {
  const space = chunker.space();
  let length = 0;
  // One byte more than expected shows that the file grew; where it grows after that, its size tells.
  do {
    const got = readSync(fd, space, length, size + 1 - length, length);
    if (got === 0) break;
    length += got;
  } while (length < size);
  return { size: length, small: space.subarray(0, length) };
}

function readLarge(fd: number, chunker: StreamChunker): { size: number } {
  let size = 0;
  for (;;) {
    const space = chunker.space();
    const got = readSync(fd, space, 0, Math.min(space.length, 1024 * 1024), size);
    if (got === 0) break;
    size += got;
    chunker.filled(got);
  }
  chunker.end();
  return { size };
}

function sameFile(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
}

function readError(error: unknown, path: Buffer): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  const name = displayBytes(path);
  if (errno === 'ENOENT')
    return new HoldfastError('item.not-found', `${name} was deleted before it could be read`, { cause: error });
  if (errno === 'EACCES' || errno === 'EPERM')
    return new HoldfastError('item.denied', `${name} may not be read (${errno})`, {
      cause: error,
      hint: 'Run Holdfast as a user who may read it, or exclude it.',
    });
  if (errno === 'ELOOP') return new HoldfastError('item.changed', `${name} became a symbolic link`, { cause: error });
  return new HoldfastError('item.unreadable', `${name} could not be read (${errno})`, { cause: error });
}
