import { isUtf8 } from 'node:buffer';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';
import { ascends, compareKeys, isShortAscii } from './key-order.ts';
import { createKnownTexts } from './known-texts.ts';
import { createByteWriter } from './writer.ts';

/** What this subset of CBOR carries: JSON values and byte strings. */
export type Cbor = null | boolean | number | string | Uint8Array | readonly Cbor[] | CborMap;
export interface CborMap {
  readonly [key: string]: Cbor | undefined;
}

// Levels of nesting: the stack's bound, kept by both sides.
const deepest = 64;

// One writer and one cursor for all calls: neither encoding nor decoding waits, and a tree has millions of entries.
const writer = createByteWriter(64 * 1024);

/**
 * Deterministic CBOR (RFC 8949 §4.2.1, core requirements): shortest heads, definite lengths, text keys in the order of
 * their encoded bytes, numbers as integers where they are safe integers and as binary64 otherwise. Equal values give equal
 * bytes, which is what makes equal tree pages equal chunks.
 */
export function encodeCbor(value: Cbor): Uint8Array {
  try {
    write(value);
    return writer.take();
  } catch (error) {
    writer.take();
    throw error;
  }
}

function write(value: Cbor, depth = 0): void {
  // What could be written and not read back would be lost.
  if (depth > deepest) throw new HoldfastError('internal.bug', `a value is nested deeper than ${deepest} levels`);
  if (typeof value === 'string') writeText(value);
  else if (typeof value === 'number') writeNumber(value);
  else if (value === null) writer.u8(0xf6);
  else if (typeof value === 'boolean') writer.u8(value ? 0xf5 : 0xf4);
  else if (value instanceof Uint8Array) {
    writeHead(2, value.length);
    writer.bytes(value);
  } else if (isArray(value)) {
    writeHead(4, value.length);
    for (const item of value) write(item, depth + 1);
  } else writeMap(value, depth);
}

function isArray(value: readonly Cbor[] | CborMap): value is readonly Cbor[] {
  return Array.isArray(value);
}

function writeText(text: string): void {
  writeHead(3, isShortAscii(text) ? text.length : Buffer.byteLength(text));
  writer.text(text);
}

function writeMap(map: CborMap, depth: number): void {
  const keys = Object.keys(map).filter((key) => map[key] !== undefined);
  for (let i = 1; i < keys.length; i++) {
    if (compareKeys(keys[i - 1] as string, keys[i] as string) > 0) {
      keys.sort(compareKeys);
      break;
    }
  }
  writeHead(5, keys.length);
  for (const key of keys) {
    writeText(key);
    write(map[key] as Cbor, depth + 1);
  }
}

function writeNumber(value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value >= 0) writeHead(0, value);
    else writeHead(1, -1 - value);
    return;
  }
  writer.u8(0xfb);
  writer.f64(value);
}

function writeHead(major: number, argument: number): void {
  const top = major << 5;
  if (argument < 24) writer.u8(top | argument);
  else if (argument < 0x100) {
    writer.u8(top | 24);
    writer.u8(argument);
  } else if (argument < 0x10000) {
    writer.u8(top | 25);
    writer.u16be(argument);
  } else if (argument < 0x100000000) {
    writer.u8(top | 26);
    writer.u32be(argument);
  } else {
    writer.u8(top | 27);
    writer.u32be(Math.floor(argument / 0x100000000));
    writer.u32be(argument % 0x100000000);
  }
}

// As the encoder writes it.
const plainNaN = 0x7ff8000000000000n;

const keys = createKnownTexts();

let source: Buffer = Buffer.alloc(0);
let at = 0;
let what = '';

/**
 * Decodes one value that fills `bytes`; byte strings are views. Throws repository.corrupt for anything else, and for every
 * encoding but the one that `encodeCbor` gives: of one value there is one form.
 */
export function decodeCbor(bytes: Uint8Array, name: string): Cbor {
  source = asBuffer(bytes);
  at = 0;
  what = name;
  const value = read(0);
  if (at !== source.length) throw corrupt('bytes after its end');
  return value;
}

function read(depth: number): Cbor {
  if (depth > deepest) throw corrupt('a value nested too deeply');
  const head = source[take(1)] as number;
  const major = head >> 5;
  if (major === 7) return readSimple(head & 0x1f);
  const argument = readArgument(head & 0x1f);
  switch (major) {
    case 0:
      return argument;
    case 1:
      if (argument === Number.MAX_SAFE_INTEGER) throw corrupt('a number that is no safe integer');
      return -1 - argument;
    case 2: {
      const from = take(argument);
      return source.subarray(from, at);
    }
    case 3: {
      const from = take(argument);
      const text = source.toString('utf8', from, at);
      if (text.includes('\ufffd') && !isUtf8(source.subarray(from, at))) throw corrupt('text that is not UTF-8');
      return text;
    }
    case 4:
      return readList(argument, depth);
    case 5:
      return readMap(argument, depth);
    default:
      throw corrupt(`an unknown major type ${major}`);
  }
}

function readList(count: number, depth: number): Cbor[] {
  if (count > source.length - at) throw corrupt('a list longer than what is left');
  const list: Cbor[] = [];
  for (let i = 0; i < count; i++) list.push(read(depth + 1));
  return list;
}

function readMap(count: number, depth: number): CborMap {
  const map: Record<string, Cbor> = {};
  // The key before: where its encoding begins and ends.
  let before = at;
  let beforeEnd = at;
  for (let i = 0; i < count; i++) {
    const from = at;
    const key = readKey(depth);
    // Heads in front: shorter keys sort before longer ones.
    if (i > 0 && !ascends(source, before, beforeEnd, from, at)) throw corrupt('keys that do not ascend');
    before = from;
    const end = at;
    const value = read(depth + 1);
    // defineProperty: a key `__proto__` from a document must stay a key.
    if (key === '__proto__')
      Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
    else map[key] = value;
    beforeEnd = end;
  }
  return map;
}

function readKey(depth: number): string {
  const length = (source[at] ?? 0) - 0x60;
  // The same few keys come a million times: as the same strings they are nothing to decode, to collect and to look up.
  const known =
    length >= 0 && length < 24 && at + 1 + length <= source.length ? keys(source, at + 1, length) : undefined;
  if (known !== undefined) {
    at += 1 + length;
    return known;
  }
  const key = read(depth + 1);
  if (typeof key !== 'string') throw corrupt('a key that is not text');
  return key;
}

function readSimple(low: number): Cbor {
  if (low === 20) return false;
  if (low === 21) return true;
  if (low === 22) return null;
  if (low === 27) return readDouble();
  throw corrupt(`an unknown simple value ${low}`);
}

function readDouble(): number {
  const from = take(8);
  const value = source.readDoubleBE(from);
  const isInteger = Number.isSafeInteger(value) && !Object.is(value, -0);
  const isOtherNaN = Number.isNaN(value) && source.readBigUInt64BE(from) !== plainNaN;
  if (isInteger || isOtherNaN) throw corrupt('a number in another form than the shortest');
  return value;
}

function readArgument(low: number): number {
  if (low < 24) return low;
  if (low === 24) return longest(source[take(1)] as number, 24);
  if (low === 25) return longest(source.readUInt16BE(take(2)), 0x100);
  if (low === 26) return longest(source.readUInt32BE(take(4)), 0x10000);
  if (low === 27) {
    const value = source.readUInt32BE(take(4)) * 0x100000000 + source.readUInt32BE(take(4));
    if (Number.isSafeInteger(value)) return longest(value, 0x100000000);
  }
  throw corrupt(`an unknown length ${low}`);
}

/** What fits a shorter head must have it. */
function longest(value: number, least: number): number {
  if (value < least) throw corrupt('a head longer than it need be');
  return value;
}

function take(length: number): number {
  if (at + length > source.length) throw corrupt(`less than the ${length} bytes it announces`);
  const from = at;
  at += length;
  return from;
}

function corrupt(problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${what} holds ${problem}`);
}
