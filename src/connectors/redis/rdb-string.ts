/** Lengths and strings as RDB files and DUMP payloads have them (rdb.h of Redis). */
export interface RdbLength {
  readonly value: number;
  /** Where what follows begins. */
  readonly next: number;
  /** Not a length: `value` says how the string is written (0, 1, 2: an integer of 1, 2, 4 bytes; 3: LZF). */
  readonly encoded: boolean;
}

/** Throws RangeError where the bytes end too early or are no length. */
export function readLength(bytes: Buffer, at: number): RdbLength {
  const first = bytes.readUInt8(at);
  const plain = (value: number, next: number): RdbLength => ({ value, next, encoded: false });
  switch (first >> 6) {
    case 0:
      return plain(first & 0x3f, at + 1);
    case 1:
      return plain(((first & 0x3f) << 8) | bytes.readUInt8(at + 1), at + 2);
    case 2:
      if (first === 0x80) return plain(bytes.readUInt32BE(at + 1), at + 5);
      if (first === 0x81) return plain(Number(bytes.readBigUInt64BE(at + 1)), at + 9);
      throw new RangeError('no length');
    default:
      return { value: first & 0x3f, next: at + 1, encoded: true };
  }
}

/** Where the string that begins at `at` ends. Throws RangeError. */
export function skipString(bytes: Buffer, at: number): number {
  const length = readLength(bytes, at);
  const end = length.encoded ? skipEncoded(bytes, length) : length.next + length.value;
  if (end > bytes.length) throw new RangeError('a string goes on behind the end');
  return end;
}

function skipEncoded(bytes: Buffer, { value, next }: RdbLength): number {
  if (value <= 2) return next + (1 << value);
  if (value !== 3) throw new RangeError('no encoding of strings');
  const compressed = readLength(bytes, next);
  return readLength(bytes, compressed.next).next + compressed.value;
}
