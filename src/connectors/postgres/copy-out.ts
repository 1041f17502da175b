import type { Client } from 'pg';
import { receiveCopy } from './receive-copy.ts';

/** Pieces that may wait before the socket is paused. */
const mostWaiting = 4;

export interface CopyPiece {
  /** All there is in their memory. */
  readonly bytes: Uint8Array;
  /** Number of the part that they belong to. */
  readonly part: number;
}

export interface CopyOut {
  /** Pieces of the data, cut anywhere. Ends after the server confirmed the whole COPY; throws what it refused. */
  readonly pieces: AsyncIterable<CopyPiece>;
  /** Rows the server says it sent; known after the last piece. */
  rows(): number;
}

/** Runs `COPY … TO STDOUT` (receive-copy.ts), as fast as its pieces are taken. */
export function copyOut(client: Client, sql: string, parts: readonly number[] = []): CopyOut {
  const waiting: CopyPiece[] = [];
  let wake: (() => void) | undefined;
  let outcome: { readonly error?: unknown; readonly rows?: number } | undefined;

  // The piece is lent: a page is then one buffer of its own size, and not the third one that is thrown away.
  const receiving = receiveCopy(client, sql, parts, (bytes, part) => {
    const own = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(own);
    waiting.push({ bytes: own, part });
    if (waiting.length >= mostWaiting) receiving.pause();
    wake?.();
  });
  receiving.finished.then(
    (rows) => settle({ rows }),
    (error: unknown) => settle({ error }),
  );
  function settle(result: NonNullable<typeof outcome>): void {
    outcome = result;
    wake?.();
  }
  async function* pieces(): AsyncGenerator<CopyPiece> {
    for (;;) {
      const next = waiting.shift();
      if (next) {
        if (waiting.length < mostWaiting / 2) receiving.resume();
        yield next;
      } else if (outcome) {
        if ('error' in outcome) throw outcome.error;
        return;
      } else {
        await new Promise<void>((go) => (wake = go));
        wake = undefined;
      }
    }
  }
  return { pieces: pieces(), rows: () => outcome?.rows ?? 0 };
}
