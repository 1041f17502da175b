import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, displayBytes } from '../../kernel/bytes.ts';
import { toSeconds } from '../../kernel/file-times.ts';
import type { FileOwner } from '../read/contract.ts';
import type { ExtractPart } from './messages.ts';

export interface PartPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Writes one part of a file and returns its bytes. A whole file is made at its final name when the name is free, else
 * beside it and renamed over it: nobody ever finds a half-written file where a whole one was. Parts of large files go to
 * a name of the caller's choosing, which finishes them.
 */
export function writePart(part: ExtractPart, pieces: Iterable<PartPiece>): number {
  const path = asBuffer(part.path);
  const { fd, written } = part.whole ? createFile(path) : { fd: openExisting(path), written: path };
  let bytes = 0;
  try {
    if (part.inline) bytes += writeAt(fd, part.inline, 0);
    for (const piece of pieces) bytes += part.sparse ? writeSparse(fd, piece) : writeAt(fd, piece.bytes, piece.offset);
    if (part.whole) {
      if (part.sparse) ftruncateSync(fd, part.size);
      finishFile(fd, part);
    }
  } catch (error) {
    closeSync(fd);
    if (part.whole) unlinkSync(written);
    throw writeError(error, path);
  }
  closeSync(fd);
  if (part.whole && written !== path) renameSync(written, path);
  return bytes;
}

/** Owner, which clears set-id bits, then mode, then time: what is written afterwards would change the time again. */
export function finishFile(fd: number, settings: Pick<ExtractPart, 'mode' | 'mtimeNs' | 'owner'>): void {
  if (settings.owner) setOwner(fd, settings.owner);
  fchmodSync(fd, settings.mode & 0o7777);
  if (settings.mtimeNs !== undefined) {
    const seconds = toSeconds(settings.mtimeNs);
    futimesSync(fd, seconds, seconds);
  }
}

/** Set unseen: looking first costs more than a call that changes nothing. Where it is refused, the owner may be right already. */
function setOwner(fd: number, owner: FileOwner): void {
  const { uid, gid } = owner;
  if (uid === undefined && gid === undefined) return;
  try {
    fchownSync(fd, uid ?? unchanged, gid ?? unchanged);
  } catch (error) {
    const found = fstatSync(fd);
    if ((uid ?? found.uid) !== found.uid || (gid ?? found.gid) !== found.gid) throw error;
  }
}

// chown(2): an id of -1 stays.
const unchanged = -1;

const create = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/** Makes an empty file at `path`, or beside it where the name is taken. */
export function createFile(path: Buffer): { readonly fd: number; readonly written: Buffer } {
  try {
    return { fd: openSync(path, create, 0o600), written: path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw writeError(error, path);
  }
  for (let attempt = 0; ; attempt++) {
    const beside = Buffer.concat([
      path.subarray(0, path.lastIndexOf(0x2f) + 1),
      Buffer.from(`.holdfast-restore-${process.pid}-${attempt}`),
    ]);
    try {
      return { fd: openSync(beside, create, 0o600), written: beside };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 1000) throw writeError(error, path);
    }
  }
}

function openExisting(path: Buffer): number {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch (error) {
    throw writeError(error, path);
  }
  throw new HoldfastError('item.changed', `${displayBytes(path)} is no longer a regular file`);
}

/**
 * Bytes of one write. A large one makes the kernel look for large pieces of free memory, which in a virtual machine are those
 * that the host has to give back first: writes of 1 MiB took twice the processor time of these (docs/benchmarks.md).
 */
const writeBytes = 128 * 1024;

function writeAt(fd: number, bytes: Uint8Array, offset: number): number {
  let written = 0;
  while (written < bytes.length) {
    const length = Math.min(writeBytes, bytes.length - written);
    written += writeSync(fd, bytes, written, length, offset + written);
  }
  return written;
}

const block = 4096;
const zeros = Buffer.alloc(block);

/** Leaves out whole blocks of zeros, which become holes. */
function writeSparse(fd: number, piece: PartPiece): number {
  const bytes = asBuffer(piece.bytes);
  for (let at = 0; at < bytes.length;) {
    // Blocks are counted from the start of the file: only aligned holes save space.
    const next = Math.min(bytes.length, at + block - ((piece.offset + at) % block));
    const slice = bytes.subarray(at, next);
    if (slice.length < block || !slice.equals(zeros)) writeAt(fd, slice, piece.offset + at);
    at = next;
  }
  return bytes.length;
}

export function writeError(error: unknown, path: Buffer): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  const name = displayBytes(path);
  if (errno === 'ENOSPC' || errno === 'EDQUOT')
    return new HoldfastError('machine.disk-full', `no space left while writing ${name}`, { cause: error });
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS')
    return new HoldfastError('item.denied', `${name} may not be written (${errno})`, { cause: error });
  if (errno === 'ELOOP')
    return new HoldfastError('restore.path-escapes', `${name} is a symbolic link; nothing is written through it`, {
      cause: error,
    });
  return new HoldfastError('item.unreadable', `${name} could not be written (${errno})`, { cause: error });
}
