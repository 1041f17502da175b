/** The compact forms of small collections: ziplist (before 7.0), listpack, intset. All throw RangeError. */

function text(value: number | bigint): Buffer {
  return Buffer.from(String(value));
}

/** ziplist.c: bytes, tail, count, entries (length of the one before, encoding, value), 255. */
export function readZiplist(bytes: Buffer): Buffer[] {
  const items: Buffer[] = [];
  let at = 10;
  while (bytes.readUInt8(at) !== 0xff) {
    at += bytes.readUInt8(at) === 0xfe ? 5 : 1;
    const code = bytes.readUInt8(at);
    const string = (length: number, head: number): void => {
      if (at + head + length > bytes.length) throw new RangeError('an entry goes on behind the end');
      items.push(bytes.subarray(at + head, at + head + length));
      at += head + length;
    };
    const integer = (size: number): void => {
      items.push(text(size === 8 ? bytes.readBigInt64LE(at + 1) : bytes.readIntLE(at + 1, size)));
      at += 1 + size;
    };
    if (code >> 6 === 0) string(code & 0x3f, 1);
    else if (code >> 6 === 1) string(((code & 0x3f) << 8) | bytes.readUInt8(at + 1), 2);
    else if (code >> 6 === 2) string(bytes.readUInt32BE(at + 1), 5);
    else if (code === 0xc0) integer(2);
    else if (code === 0xd0) integer(4);
    else if (code === 0xe0) integer(8);
    else if (code === 0xf0) integer(3);
    else if (code === 0xfe) integer(1);
    else if (code > 0xf0 && code < 0xfe) {
      items.push(text((code & 0x0f) - 1));
      at += 1;
    } else throw new RangeError('no entry of a ziplist');
  }
  return items;
}

/** listpack.md of Redis: bytes, count, entries (encoding, value, own length backwards), 255. */
export function readListpack(bytes: Buffer): Buffer[] {
  const items: Buffer[] = [];
  let at = 6;
  while (bytes.readUInt8(at) !== 0xff) {
    const from = at;
    const code = bytes.readUInt8(at);
    const string = (length: number, head: number): void => {
      if (at + head + length > bytes.length) throw new RangeError('an entry goes on behind the end');
      items.push(bytes.subarray(at + head, at + head + length));
      at += head + length;
    };
    const integer = (size: number): void => {
      items.push(text(size === 8 ? bytes.readBigInt64LE(at + 1) : bytes.readIntLE(at + 1, size)));
      at += 1 + size;
    };
    if (code < 0x80) {
      items.push(text(code));
      at += 1;
    } else if (code < 0xc0) string(code & 0x3f, 1);
    else if (code < 0xe0) {
      const unsigned = ((code & 0x1f) << 8) | bytes.readUInt8(at + 1);
      items.push(text(unsigned >= 4096 ? unsigned - 8192 : unsigned));
      at += 2;
    } else if (code < 0xf0) string(((code & 0x0f) << 8) | bytes.readUInt8(at + 1), 2);
    else if (code === 0xf0) string(bytes.readUInt32LE(at + 1), 5);
    else if (code === 0xf1) integer(2);
    else if (code === 0xf2) integer(3);
    else if (code === 0xf3) integer(4);
    else if (code === 0xf4) integer(8);
    else throw new RangeError('no entry of a listpack');
    at += backwards(at - from);
  }
  return items;
}

/** Bytes in which an entry of this length says how long it is. */
function backwards(length: number): number {
  return [127, 16_383, 2_097_151, 268_435_455].findIndex((limit) => length <= limit) + 1 || 5;
}

/** intset.h: bytes of each integer, count, integers. */
export function readIntset(bytes: Buffer): Buffer[] {
  const size = bytes.readUInt32LE(0);
  return Array.from({ length: bytes.readUInt32LE(4) }, (_, i) => {
    const at = 8 + i * size;
    return text(size === 8 ? bytes.readBigInt64LE(at) : bytes.readIntLE(at, size));
  });
}
