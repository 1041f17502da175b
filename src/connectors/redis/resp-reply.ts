/** What a server answers: errors of single commands are values. */
export type Reply = Buffer | number | null | Error | readonly Reply[];

/**
 * Reads replies out of what a connection receives, cut anywhere (RESP 2). Bytes of a reply are those of the piece they came in,
 * copied only where they came in several: whoever keeps a few of them for long copies them. `add` throws on what is no reply.
 */
export interface ReplyReader {
  add(piece: Buffer): void;
}

interface OpenArray {
  readonly items: Reply[];
  left: number;
}

/** A string that comes in several pieces, and the line's end behind it. */
interface OpenString {
  readonly bytes: Buffer;
  filled: number;
}

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const endBytes = 2;
/** Errors and states are short; a longer line is none. */
const longestLine = 64 * 1024;

const ok = Buffer.from('OK');
const queued = Buffer.from('QUEUED');

export function createReplyReader(received: (reply: Reply) => void): ReplyReader {
  const arrays: OpenArray[] = [];
  let string: OpenString | undefined;
  let rest: Buffer | undefined;

  function complete(reply: Reply): void {
    let value = reply;
    for (let array = arrays.at(-1); array !== undefined; array = arrays.at(-1)) {
      array.items.push(value);
      if (--array.left > 0) return;
      arrays.pop();
      value = array.items;
    }
    received(value);
  }
  function fill(open: OpenString, piece: Buffer): number {
    const part = Math.min(open.bytes.length - open.filled, piece.length);
    piece.copy(open.bytes, open.filled, 0, part);
    open.filled += part;
    if (open.filled === open.bytes.length) {
      string = undefined;
      complete(open.bytes.subarray(0, open.bytes.length - endBytes));
    }
    return part;
  }
  /** `at`: behind the length. Returns where what follows begins. */
  function startString(piece: Buffer, at: number, length: number): number {
    if (length < 0) {
      complete(null);
      return at;
    }
    const end = at + length;
    if (end + endBytes <= piece.length) {
      complete(piece.subarray(at, end));
      return end + endBytes;
    }
    string = { bytes: Buffer.allocUnsafeSlow(length + endBytes), filled: 0 };
    return at + fill(string, piece.subarray(at));
  }
  function startArray(length: number): void {
    if (length > 0) arrays.push({ items: [], left: length });
    else complete(length < 0 ? null : []);
  }
  /** Takes the line from `at` to `end`; returns where what follows begins. */
  function line(piece: Buffer, at: number, end: number): number {
    const next = end + endBytes;
    switch (piece[at]) {
      case 0x24:
        return startString(piece, next, wholeNumber(piece, at + 1, end));
      case 0x2a:
        startArray(wholeNumber(piece, at + 1, end));
        return next;
      case 0x3a:
        complete(wholeNumber(piece, at + 1, end));
        return next;
      case 0x2b:
        complete(state(piece, at + 1, end));
        return next;
      case 0x2d:
        complete(new Error(piece.toString('utf8', at + 1, end)));
        return next;
      default:
        throw new Error('the server answered with something that is no reply');
    }
  }
  return {
    add(received) {
      const piece = rest === undefined ? received : Buffer.concat([rest, received]);
      rest = undefined;
      let at = 0;
      while (at < piece.length) {
        if (string) {
          at += fill(string, at === 0 ? piece : piece.subarray(at));
          continue;
        }
        const end = lineEnd(piece, at);
        if (end === undefined) {
          rest = piece.subarray(at);
          if (rest.length > longestLine) throw new Error('the server answered with something that is no reply');
          return;
        }
        at = line(piece, at, end);
      }
    },
  };
}

/** The place of the `\r` before the first `\n`; undefined where there is none yet. */
function lineEnd(piece: Buffer, from: number): number | undefined {
  for (let at = from + 1; at < piece.length; at++)
    if (piece[at] === lineFeed && piece[at - 1] === carriageReturn) return at - 1;
  return undefined;
}

function wholeNumber(piece: Buffer, from: number, to: number): number {
  const first = piece[from] === 0x2d ? from + 1 : from;
  let value = 0;
  for (let at = first; at < to; at++) {
    const digit = (piece[at] as number) - 0x30;
    if (digit < 0 || digit > 9) throw new Error('the server answered with something that is no reply');
    value = value * 10 + digit;
  }
  return first > from ? -value : value;
}

/** The two that come with every transaction are not made anew. */
function state(piece: Buffer, from: number, to: number): Buffer {
  if (to - from === queued.length && piece[from] === queued[0]) return queued;
  if (to - from === ok.length && piece[from] === ok[0]) return ok;
  return piece.subarray(from, to);
}
