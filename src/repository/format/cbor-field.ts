import { asBuffer } from '../../kernel/bytes.ts';

/**
 * Where the value of a key of one ASCII letter begins in an encoded map of such keys, without decoding what stands before
 * it: for those who look at one field of millions of values. Undefined where there is none, and wherever `bytes` is
 * anything but the beginning of such a map: decodeCbor says what is wrong then.
 */
export function cborValueAt(bytes: Uint8Array, letter: string): number | undefined {
  const buffer = asBuffer(bytes);
  const wanted = letter.charCodeAt(0);
  const pairs = (buffer[0] ?? 0) - mapHead;
  if (pairs < 0 || pairs > 23) return undefined;
  let at: number | undefined = 1;
  for (let i = 0; i < pairs && at !== undefined; i++) {
    if (buffer[at] !== oneLetter || at + 2 >= buffer.length) return undefined;
    if (buffer[at + 1] === wanted) return at + 2;
    at = endOfValue(buffer, at + 2);
  }
  return undefined;
}

// RFC 8949, 3: the head of a map without pairs, and of a text of one byte.
const mapHead = 0xa0;
const oneLetter = 0x61;

/** Where the value ends that begins at `at`; undefined where it goes beyond the end or is none that encodeCbor writes. */
function endOfValue(buffer: Buffer, at: number): number | undefined {
  let end = at;
  // Lists and maps are passed item by item, without going deeper.
  for (let left = 1; left > 0; left--) {
    if (end >= buffer.length) return undefined;
    const head = buffer[end] as number;
    const major = head >> 5;
    const extra = extraBytes(head & 0x1f);
    if (extra === undefined || end + 1 + extra > buffer.length) return undefined;
    const argument = extra === 0 ? head & 0x1f : extra === 8 ? Infinity : buffer.readUIntBE(end + 1, extra);
    end += 1 + extra;
    if (major === 2 || major === 3) end += argument;
    else if (major === 4) left += argument;
    else if (major === 5) left += 2 * argument;
  }
  return end <= buffer.length ? end : undefined;
}

function extraBytes(low: number): number | undefined {
  if (low < 24) return 0;
  return low < 28 ? 1 << (low - 24) : undefined;
}
