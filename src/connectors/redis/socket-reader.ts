import type { Socket } from 'node:net';

/** Lines first, then a body of known length or one that ends with a mark; never more in memory than a chunk. */
export interface SocketReader {
  /** Without its line end; lines of any length are refused beyond 64 KiB. */
  line(): Promise<string>;
  exactly(bytes: number): AsyncGenerator<Uint8Array>;
  /** Up to the mark, which comes last: whoever sends it waits for an answer. */
  until(mark: Buffer): AsyncGenerator<Uint8Array>;
}

const longestLine = 64 * 1024;

export function createSocketReader(socket: Socket): SocketReader {
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);

  async function more(): Promise<Buffer> {
    const next = await chunks.next();
    if (next.done === true) throw new Error('the server closed the connection');
    return next.value;
  }
  return {
    async line() {
      for (;;) {
        const end = rest.indexOf(0x0a);
        if (end !== -1) {
          const line = rest.subarray(0, end).toString('latin1').replace(/\r$/, '');
          rest = rest.subarray(end + 1);
          return line;
        }
        if (rest.length > longestLine) throw new Error('the server sent no line');
        rest = Buffer.concat([rest, await more()]);
      }
    },
    async *exactly(bytes) {
      let left = bytes;
      while (left > 0) {
        if (rest.length === 0) rest = await more();
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
    async *until(mark) {
      for (;;) {
        if (rest.length >= mark.length && rest.subarray(rest.length - mark.length).equals(mark)) {
          const last = rest.subarray(0, rest.length - mark.length);
          rest = Buffer.alloc(0);
          if (last.length > 0) yield last;
          return;
        }
        // What may be the beginning of the mark waits for what follows.
        const kept = Math.min(rest.length, mark.length);
        const piece = rest.subarray(0, rest.length - kept);
        rest = rest.subarray(piece.length);
        if (piece.length > 0) yield piece;
        rest = Buffer.concat([rest, await more()]);
      }
    },
  };
}
