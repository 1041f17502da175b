import { asBuffer } from '../../kernel/bytes.ts';
import { createCrc64 } from './crc64.ts';
import { readLength, skipString } from './rdb-string.ts';

/**
 * A DUMP payload: a type byte, the value as in an RDB file, two bytes of RDB version and eight of CRC-64
 * (redis.io, command DUMP; cluster.c, createDumpPayload).
 */
const footerBytes = 10;

/** The first byte of a payload → what `TYPE` says. Numbers of rdb.h, those of Redis 7.4 and Valkey 9 included. */
const types: Readonly<Record<number, string>> = {
  0: 'string',
  1: 'list',
  2: 'set',
  3: 'zset',
  4: 'hash',
  5: 'zset',
  9: 'hash',
  10: 'list',
  11: 'set',
  12: 'zset',
  13: 'hash',
  14: 'list',
  15: 'stream',
  16: 'hash',
  17: 'zset',
  18: 'list',
  19: 'stream',
  20: 'set',
  21: 'stream',
  22: 'hash',
  23: 'hash',
  24: 'hash',
  25: 'hash',
};

const moduleType = 7;

/** How the elements of a hash table are written: bytes before the count, and the parts of each element. */
interface TableShape {
  readonly head: number;
  readonly element: readonly ('string' | 'length')[];
}

const tables: Readonly<Record<number, TableShape>> = {
  2: { head: 0, element: ['string'] },
  4: { head: 0, element: ['string', 'string'] },
  // Fields that expire (Redis 7.4): the earliest expiry; each field's own one, name, value.
  24: { head: 8, element: ['length', 'string', 'string'] },
};

/** `string`, `hash`, …; of a module's type its name, `module:ReJSON-RL`; `unknown:N` for what this version does not know. */
export function typeOf(payload: Uint8Array): string {
  const code = payload[0] ?? -1;
  if (code !== moduleType) return types[code] ?? `unknown:${code}`;
  return `module:${moduleName(asBuffer(payload))}`;
}

/** The RDB version that wrote the payload: 9 is Redis 6, 10 is 7.0, 11 is 7.2. */
export function versionOf(payload: Uint8Array): number {
  return payload.length < footerBytes ? 0 : asBuffer(payload).readUInt16LE(payload.length - footerBytes);
}

/**
 * The payload with the elements of hash tables in the order of their bytes. A server writes them in the order of its own
 * random seed and table size, so that equal values give unlike payloads; sorted, equal values are equal bytes, whoever wrote
 * them. Other types are in order already. RESTORE takes any order.
 */
export function inOrder(payload: Buffer): Buffer {
  const shape = tables[payload[0] ?? -1];
  if (shape === undefined || payload.length < footerBytes) return payload;
  const end = payload.length - footerBytes;
  let pieces: Buffer[];
  let start: number;
  try {
    const count = readLength(payload, 1 + shape.head);
    start = count.next;
    pieces = piecesOf(payload, start, end, count.value, shape);
  } catch (error) {
    // Not as expected: kept as it came, and restored as it came.
    if (error instanceof RangeError) return payload;
    throw error;
  }
  const sorted = [...pieces].sort(Buffer.compare);
  if (sorted.every((piece, i) => piece === pieces[i])) return payload;
  const body = Buffer.concat([payload.subarray(0, start), ...sorted, payload.subarray(end, end + 2)]);
  const crc = createCrc64();
  crc.update(body);
  return Buffer.concat([body, crc.digest()]);
}

function piecesOf(payload: Buffer, start: number, end: number, count: number, { element }: TableShape): Buffer[] {
  const pieces: Buffer[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const from = at;
    for (const part of element) at = part === 'string' ? skipString(payload, at) : readLength(payload, at).next;
    pieces.push(payload.subarray(from, at));
  }
  if (at !== end) throw new RangeError('something follows the last element');
  return pieces;
}

const nameCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Nine characters of six bits, then ten bits of the module's own version (module.c, moduleTypeEncodeId). */
function moduleName(payload: Buffer): string {
  if (payload.length < 10 || payload[1] !== 0x81) return 'unknown';
  const id = payload.readBigUInt64BE(2);
  return Array.from({ length: 9 }, (_, i) => nameCharacters[Number((id >> BigInt(58 - 6 * i)) & 63n)]).join('');
}
