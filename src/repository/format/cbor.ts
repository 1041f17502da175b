import { HoldfastError } from '../../kernel/errors.ts';
import { createByteReader, type ByteReader } from './reader.ts';
import { createByteWriter, type ByteWriter } from './writer.ts';

/** What this subset of CBOR carries: JSON values and byte strings. */
export type Cbor = null | boolean | number | string | Uint8Array | readonly Cbor[] | CborMap;
export interface CborMap {
  readonly [key: string]: Cbor | undefined;
}

/**
 * Deterministic CBOR (RFC 8949 §4.2.1, core requirements): shortest heads, definite lengths, text keys in the order of
 * their encoded bytes, numbers as integers where they are safe integers and as binary64 otherwise. Equal values give equal
 * bytes, which is what makes equal tree pages equal chunks.
 */
export function encodeCbor(value: Cbor): Uint8Array {
  const writer = createByteWriter(256);
  writeCbor(writer, value);
  return writer.take();
}

export function writeCbor(writer: ByteWriter, value: Cbor): void {
  if (value === null) writer.u8(0xf6);
  else if (typeof value === 'boolean') writer.u8(value ? 0xf5 : 0xf4);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') {
    writeHead(writer, 3, Buffer.byteLength(value));
    writer.text(value);
  } else if (value instanceof Uint8Array) {
    writeHead(writer, 2, value.length);
    writer.bytes(value);
  } else if (isArray(value)) {
    writeHead(writer, 4, value.length);
    for (const item of value) writeCbor(writer, item);
  } else writeMap(writer, value);
}

function isArray(value: readonly Cbor[] | CborMap): value is readonly Cbor[] {
  return Array.isArray(value);
}

function writeMap(writer: ByteWriter, map: CborMap): void {
  const keys = Object.keys(map).filter((key) => map[key] !== undefined);
  // Order of the encoded keys: shorter first, then bytewise.
  keys.sort((a, b) => Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b)));
  writeHead(writer, 5, keys.length);
  for (const key of keys) {
    writeCbor(writer, key);
    writeCbor(writer, map[key] as Cbor);
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value >= 0) writeHead(writer, 0, value);
    else writeHead(writer, 1, -1 - value);
    return;
  }
  writer.u8(0xfb);
  writer.f64(value);
}

function writeHead(writer: ByteWriter, major: number, argument: number): void {
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

/** Decodes one value that fills `bytes`. Throws repository.corrupt for anything else. */
export function decodeCbor(bytes: Uint8Array, what: string): Cbor {
  const reader = createByteReader(bytes, what);
  const value = readCbor(reader, what, 0);
  if (reader.left !== 0) throw corrupt(what, 'bytes after its end');
  return value;
}

function readCbor(reader: ByteReader, what: string, depth: number): Cbor {
  if (depth > 64) throw corrupt(what, 'nested too deeply');
  const head = reader.u8();
  const major = head >> 5;
  if (major === 7) return readSimple(reader, head & 0x1f, what);
  const argument = readArgument(reader, head & 0x1f, what);
  if (major === 0) return argument;
  if (major === 1) return -1 - argument;
  if (major === 2) return reader.bytes(argument);
  if (major === 3) return reader.text(argument);
  if (major === 4) {
    if (argument > reader.left) throw corrupt(what, 'a list longer than what is left');
    const list: Cbor[] = [];
    for (let i = 0; i < argument; i++) list.push(readCbor(reader, what, depth + 1));
    return list;
  }
  if (major === 5) {
    const map: Record<string, Cbor> = {};
    for (let i = 0; i < argument; i++) {
      const key = readCbor(reader, what, depth + 1);
      if (typeof key !== 'string') throw corrupt(what, 'a key that is not text');
      // defineProperty: a key `__proto__` from a document must stay a key.
      const value = readCbor(reader, what, depth + 1);
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
      else map[key] = value;
    }
    return map;
  }
  throw corrupt(what, `an unknown major type ${major}`);
}

function readSimple(reader: ByteReader, low: number, what: string): Cbor {
  if (low === 20) return false;
  if (low === 21) return true;
  if (low === 22) return null;
  if (low === 27) return reader.f64();
  throw corrupt(what, `an unknown simple value ${low}`);
}

function readArgument(reader: ByteReader, low: number, what: string): number {
  if (low < 24) return low;
  if (low === 24) return reader.u8();
  if (low === 25) return reader.u16be();
  if (low === 26) return reader.u32be();
  if (low === 27) {
    const value = reader.u32be() * 0x100000000 + reader.u32be();
    if (Number.isSafeInteger(value)) return value;
  }
  throw corrupt(what, `an unknown length ${low}`);
}

function corrupt(what: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${what} holds ${problem}`);
}
