import { closeSync, constants, openSync, readSync } from 'node:fs';
import { asBuffer } from '../../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { isCode } from '../../kernel/errors.ts';
import { toBytes, type ByteText } from './byte-text.ts';
import { fileError } from './errors.ts';

/** Compares a file with a captured content, byte for byte, up to the first difference. Throws item errors. */
export async function sameContent(
  captured: CapturedResource,
  entry: CapturedEntry,
  path: ByteText,
  signal: AbortSignal,
): Promise<boolean> {
  const fd = attempt(path, () =>
    openSync(toBytes(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK),
  );
  try {
    let at = 0;
    let piece = Buffer.alloc(0);
    for await (const chunk of captured.read(entry)) {
      signal.throwIfAborted();
      if (piece.length < chunk.length) piece = Buffer.allocUnsafe(chunk.length);
      const read = attempt(path, () => readWhole(fd, piece, chunk.length, at));
      if (read !== chunk.length || !piece.subarray(0, read).equals(asBuffer(chunk))) return false;
      at += read;
    }
    return attempt(path, () => readSync(fd, Buffer.alloc(1), 0, 1, at)) === 0;
  } catch (error) {
    // Planning never thaws: what cannot be compared counts as changed. Once it is thawed it is compared again.
    if (isCode(error, 'storage.frozen')) return false;
    throw error;
  } finally {
    closeSync(fd);
  }
}

function readWhole(fd: number, into: Buffer, length: number, position: number): number {
  let read = 0;
  while (read < length) {
    const n = readSync(fd, into, read, length - read, position + read);
    if (n === 0) break;
    read += n;
  }
  return read;
}

function attempt<T>(path: ByteText, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}
