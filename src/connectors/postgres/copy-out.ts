import type { Client, Connection, Submittable } from 'pg';
import { takeOver } from './socket.ts';

/** Bytes per piece handed on, and pieces that may wait before the socket is paused. */
const pieceBytes = 1024 * 1024;
const mostWaiting = 4;

/**
 * Where a connection gathers its next piece, again and again: a page is then one buffer of its own size, and not the third one
 * that is thrown away.
 */
const gathering = new WeakMap<Client, Buffer>();

function gatheringOf(client: Client): Buffer {
  const known = gathering.get(client);
  if (known) return known;
  const made = Buffer.allocUnsafeSlow(pieceBytes);
  gathering.set(client, made);
  return made;
}

// Messages of PostgreSQL's frontend/backend protocol 3.0 that matter while a COPY runs.
const copyData = 0x64;
const copyDone = 0x63;
const errorResponse = 0x45;

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

/**
 * Runs `COPY … TO STDOUT`. Strips the framing off the socket's buffers itself, so that a row of any size streams and nothing
 * is done per row but copying it. `parts`: after how many rows each part ends; what comes after the last one is a part of its
 * own. The server sends one message per row (PostgreSQL documentation, "Message Formats", CopyData).
 */
export function copyOut(client: Client, sql: string, parts: readonly number[] = []): CopyOut {
  const waiting: CopyPiece[] = [];
  let wake: (() => void) | undefined;
  let outcome: { readonly error?: unknown } | undefined;
  let rows = 0;
  let connection: Connection | undefined;
  let parse: ((bytes: Buffer) => void) | undefined;
  let release: (() => void) | undefined;
  const header = Buffer.alloc(5);
  let headerBytes = 0;
  let left = 0;
  let isData = false;
  const piece = gatheringOf(client);
  let filled = 0;
  let part = 0;
  let rowsLeft = parts[0] ?? Infinity;

  function settle(result: { readonly error?: unknown }): void {
    outcome ??= result;
    wake?.();
  }
  function handOn(): void {
    if (filled === 0) return;
    const own = Buffer.allocUnsafeSlow(filled);
    piece.copy(own, 0, 0, filled);
    waiting.push({ bytes: own, part });
    filled = 0;
    if (waiting.length >= mostWaiting) connection?.stream.pause();
    wake?.();
  }
  function take(bytes: Buffer, from: number, length: number): void {
    for (let at = from; at < from + length;) {
      const taken = Math.min(from + length - at, pieceBytes - filled);
      bytes.copy(piece, filled, at, at + taken);
      filled += taken;
      at += taken;
      if (filled === pieceBytes) handOn();
    }
  }
  function endRow(): void {
    if (--rowsLeft > 0) return;
    handOn();
    rowsLeft = parts[++part] ?? Infinity;
  }
  function onBytes(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (left > 0) {
        const taken = Math.min(left, bytes.length - at);
        if (isData) take(bytes, at, taken);
        left -= taken;
        at += taken;
        if (left === 0 && isData) endRow();
        continue;
      }
      while (headerBytes < 5 && at < bytes.length) header[headerBytes++] = bytes[at++] as number;
      if (headerBytes < 5) return;
      headerBytes = 0;
      if (header[0] === copyDone || header[0] === errorResponse) return giveBack(bytes.subarray(at));
      isData = header[0] === copyData;
      left = header.readUInt32BE(1) - 4;
    }
  }
  /** From here on pg reads the connection again, beginning with the message whose header was taken. */
  function giveBack(rest: Buffer): void {
    handOn();
    release?.();
    parse?.(Buffer.concat([header, rest]));
  }
  const query = {
    submit(made: Connection): void {
      connection = made;
      parse = made.stream.listeners('data')[0] as (bytes: Buffer) => void;
      release = takeOver(made.stream, onBytes);
      made.query(sql);
    },
    handleError: (error: unknown): void => settle({ error }),
    handleCommandComplete({ text = '' }: { text?: string }): void {
      rows = Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0);
    },
    handleReadyForQuery: (): void => settle({}),
  } satisfies Submittable & Record<string, unknown>;
  client.query(query);

  async function* pieces(): AsyncGenerator<CopyPiece> {
    for (;;) {
      const next = waiting.shift();
      if (next) {
        if (waiting.length < mostWaiting / 2) connection?.stream.resume();
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
  return { pieces: pieces(), rows: () => rows };
}
