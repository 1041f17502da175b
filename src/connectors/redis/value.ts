import { readIntset, readListpack, readZiplist } from './packed.ts';
import { createPayloadReader, type PayloadReader } from './payload-reader.ts';
import { readStream } from './stream-value.ts';

/** What a payload holds, whichever way it was written: versions and settings of a server choose among several. */
export interface Value {
  readonly type: 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream';
  /**
   * Elements; of a hash field, value and expiry (milliseconds, or empty) in turn, of a zset member and score, each in the order of
   * its first parts; of a stream see stream-value.ts.
   */
  readonly items: readonly Buffer[];
}

const nothing = Buffer.alloc(0);

/** Undefined for types of modules, and for what this version cannot read. */
export function readValue(payload: Buffer): Value | undefined {
  try {
    return readType(payload.readUInt8(0), createPayloadReader(payload));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Numbers of rdb.h. */
function readType(code: number, reader: PayloadReader): Value | undefined {
  switch (code) {
    case 0:
      return { type: 'string', items: [reader.string()] };
    case 1:
      return { type: 'list', items: reader.strings(reader.length()) };
    case 10:
      return { type: 'list', items: readZiplist(reader.string()) };
    case 14:
      return { type: 'list', items: reader.times(reader.length(), () => readZiplist(reader.string())).flat() };
    case 18:
      return { type: 'list', items: reader.times(reader.length(), () => quicklistNode(reader)).flat() };
    case 2:
      return { type: 'set', items: inOrder(reader.strings(reader.length()), 1) };
    case 11:
      return { type: 'set', items: inOrder(readIntset(reader.string()), 1) };
    case 20:
      return { type: 'set', items: inOrder(readListpack(reader.string()), 1) };
    case 3:
    case 5:
      return zset(reader.times(reader.length(), () => [reader.string(), score(reader, code)]).flat());
    case 12:
      return zset(readZiplist(reader.string()));
    case 17:
      return zset(readListpack(reader.string()));
    case 15:
    case 19:
    case 21:
      return { type: 'stream', items: readStream(reader, code) };
    default:
      return readHash(code, reader);
  }
}

function readHash(code: number, reader: PayloadReader): Value | undefined {
  const hash = (items: readonly Buffer[]): Value => ({ type: 'hash', items: inOrder(items, 3) });
  switch (code) {
    case 4:
      return hash(withoutExpiries(reader.strings(reader.length() * 2)));
    case 13:
      return hash(withoutExpiries(readZiplist(reader.string())));
    case 16:
      return hash(withoutExpiries(readListpack(reader.string())));
    case 24: {
      // Redis 7.4: the earliest expiry, then each one relative to it, plus one.
      const earliest = reader.milliseconds();
      const field = (): Buffer[] => {
        const relative = reader.length();
        const [name = nothing, value = nothing] = reader.strings(2);
        return [name, value, relative === 0 ? nothing : Buffer.from(String(earliest + BigInt(relative - 1)))];
      };
      return hash(reader.times(reader.length(), field).flat());
    }
    case 25: {
      reader.milliseconds();
      const items = readListpack(reader.string());
      return hash(items.map((item, i) => (i % 3 === 2 && item.toString() === '0' ? nothing : item)));
    }
    default:
      return undefined;
  }
}

function withoutExpiries(pairs: readonly Buffer[]): Buffer[] {
  return pairs.flatMap((item, i) => (i % 2 === 1 ? [item, nothing] : [item]));
}

/** One node of a list: a single large element, or a listpack of small ones. */
function quicklistNode(reader: PayloadReader): Buffer[] {
  const isPlain = reader.length() === 1;
  const content = reader.string();
  return isPlain ? [content] : readListpack(content);
}

function score(reader: PayloadReader, code: number): Buffer {
  return code === 5 ? Buffer.from(String(reader.double())) : reader.oldDouble();
}

function zset(pairs: readonly Buffer[]): Value {
  const items = pairs.map((item, i) => (i % 2 === 1 ? Buffer.from(String(numberIn(item.toString()))) : item));
  return { type: 'zset', items: inOrder(items, 2) };
}

function numberIn(text: string): number {
  return Number(text.replace(/^([+-]?)inf$/, '$1Infinity'));
}

/** Groups of so many items, by the bytes of their first. */
function inOrder(items: readonly Buffer[], size: number): Buffer[] {
  const groups = Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
  return groups.sort(([a = nothing], [b = nothing]) => Buffer.compare(a, b)).flat();
}
