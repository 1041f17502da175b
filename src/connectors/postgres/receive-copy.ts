import type { Client, Connection, Submittable } from 'pg';
import { takeOver } from './socket.ts';

/** Bytes per piece handed on. */
const pieceBytes = 1024 * 1024;

/** Where a connection gathers its next piece, again and again. */
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

export interface Receiving {
  /** Rows the server says it sent, after it confirmed the whole COPY. Rejects with what it refused. */
  readonly finished: Promise<number>;
  pause(): void;
  resume(): void;
  /** Cuts the connection off; what still comes of this COPY is given to `take` all the same. */
  abandon(): void;
}

/**
 * Runs `COPY … TO STDOUT` and hands its bytes to `take` in pieces, cut anywhere, lent until it returns; it must not throw. Strips the framing
 * off the socket's buffers itself, so that a row of any size streams and nothing is done per row but copying it. `parts`: after how
 * many rows each part ends; what comes after the last one is a part of its own. The server sends one message per row (PostgreSQL
 * documentation, "Message Formats", CopyData).
 */
export function receiveCopy(
  client: Client,
  sql: string,
  parts: readonly number[],
  take: (bytes: Buffer, part: number) => void,
): Receiving {
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

  function handOn(): void {
    if (filled === 0) return;
    take(piece.subarray(0, filled), part);
    filled = 0;
  }
  function gather(bytes: Buffer, from: number, length: number): void {
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
  /**
   * Rows that are whole in this buffer are put side by side in it, and gathered together: a copy of its own for each row costs four
   * times as much. Returns where the first message begins that is not such a row.
   */
  function gatherRows(bytes: Buffer, from: number): number {
    let [at, start, end] = [from, from, from];
    while (at + 5 <= bytes.length && bytes[at] === copyData) {
      const next = at + 1 + bytes.readUInt32BE(at + 1);
      if (next > bytes.length) break;
      bytes.copyWithin(end, at + 5, next);
      end += next - at - 5;
      at = next;
      if (rowsLeft === 1) {
        gather(bytes, start, end - start);
        start = end = at;
      }
      endRow();
    }
    gather(bytes, start, end - start);
    return at;
  }
  function onBytes(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (left === 0 && headerBytes === 0) {
        at = gatherRows(bytes, at);
        if (at === bytes.length) return;
      }
      if (left > 0) {
        const taken = Math.min(left, bytes.length - at);
        if (isData) gather(bytes, at, taken);
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
  const finished = new Promise<number>((resolve, reject) => {
    const query = {
      submit(made: Connection): void {
        connection = made;
        parse = made.stream.listeners('data')[0] as (bytes: Buffer) => void;
        release = takeOver(made.stream, onBytes);
        made.query(sql);
      },
      handleError: reject,
      handleCommandComplete({ text = '' }: { text?: string }): void {
        rows = Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0);
      },
      handleReadyForQuery: (): void => resolve(rows),
    } satisfies Submittable & Record<string, unknown>;
    client.query(query);
  });
  return {
    finished,
    pause: () => connection?.stream.pause(),
    resume: () => connection?.stream.resume(),
    abandon: () => connection?.stream.destroy(),
  };
}
