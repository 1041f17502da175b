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

/** The string that begins at `at`, as it is without its encoding. Throws RangeError. */
export function readString(bytes: Buffer, at: number): { readonly value: Buffer; readonly next: number } {
  const next = skipString(bytes, at);
  const length = readLength(bytes, at);
  if (!length.encoded) return { value: bytes.subarray(length.next, next), next };
  if (length.value <= 2) return { value: Buffer.from(String(bytes.readIntLE(length.next, 1 << length.value))), next };
  const compressed = readLength(bytes, length.next);
  const plain = readLength(bytes, compressed.next);
  return { value: decompress(bytes.subarray(plain.next, next), plain.value), next };
}

/** LZF (liblzf, lzf_d.c): literal runs, and references into what came before. Throws RangeError. */
export function decompress(packed: Buffer, length: number): Buffer {
  const out = Buffer.alloc(length);
  let [at, to] = [0, 0];
  while (at < packed.length) {
    const control = packed.readUInt8(at++);
    if (control < 32) {
      if (at + control + 1 > packed.length || to + control + 1 > length) throw new RangeError('LZF ends too early');
      packed.copy(out, to, at, at + control + 1);
      at += control + 1;
      to += control + 1;
      continue;
    }
    let count = control >> 5;
    if (count === 7) count += packed.readUInt8(at++);
    let from = to - ((control & 0x1f) << 8) - packed.readUInt8(at++) - 1;
    if (from < 0 || to + count + 2 > length) throw new RangeError('LZF points to nothing');
    // Byte by byte: what is copied may reach into itself.
    for (let i = 0; i < count + 2; i++) out[to++] = out[from++] as number;
  }
  if (to !== length) throw new RangeError('LZF ends too early');
  return out;
}
