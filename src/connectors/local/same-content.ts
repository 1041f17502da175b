import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { toBytes, type ByteText } from './byte-text.ts';
import { fileError } from './errors.ts';

// One buffer for all files: what it holds is taken in before anything else has its turn.
const piece = Buffer.allocUnsafeSlow(512 * 1024);

/** Compares a file with a captured content, up to the first chunk that differs. Reads the file only. Throws item errors. */
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
    const matcher = await captured.matcher(entry);
    for (let at = 0; ;) {
      signal.throwIfAborted();
      const read = attempt(path, () => readSync(fd, piece, 0, piece.length, at));
      if (read === 0) return matcher.end();
      if (!matcher.push(piece.subarray(0, read))) return false;
      at += read;
      // Other work of this thread has its turn between the pieces of a large file.
      if (read === piece.length) await new Promise((go) => setImmediate(go));
    }
  } finally {
    closeSync(fd);
  }
}

function attempt<T>(path: ByteText, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}
