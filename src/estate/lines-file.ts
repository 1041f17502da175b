import type { FileHandle } from 'node:fs/promises';
import { concatBytes, utf8 } from '../kernel/bytes.ts';
import { fileProblem, openForWriting } from './restore-target.ts';

/** A file of lines, made with the first of them and written in pieces; 0600 once one of them is secret. */
export interface LinesFile {
  add(line: Uint8Array, secret: boolean): Promise<void>;
  /** Returns the bytes written; no file is made without a line. */
  close(): Promise<number>;
}

const pieceBytes = 256 * 1024;
const lineBreak = utf8('\n');

export function createLinesFile(path: string): LinesFile {
  let handle: FileHandle | undefined;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let bytes = 0;
  let secrets = false;

  async function flush(): Promise<void> {
    if (!handle || heldBytes === 0) return;
    const piece = concatBytes(held);
    held = [];
    heldBytes = 0;
    try {
      await handle.writeFile(piece);
    } catch (error) {
      throw fileProblem(error, 'write', path);
    }
    bytes += piece.length;
  }
  return {
    async add(line, secret) {
      // Closed to others until it is known that none of the lines is a secret.
      handle ??= await openForWriting(path, 0o600);
      secrets ||= secret;
      held.push(line, lineBreak);
      heldBytes += line.length + 1;
      if (heldBytes >= pieceBytes) await flush();
    },
    async close() {
      if (!handle) return 0;
      try {
        await flush();
        if (!secrets) await handle.chmod(0o644);
      } finally {
        await handle.close();
      }
      return bytes;
    },
  };
}
