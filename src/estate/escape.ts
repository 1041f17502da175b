import { asBuffer, hex, isUtf8 } from '../kernel/bytes.ts';

/**
 * How names of a snapshot become names of files, and back. The rule, which MANIFEST.json repeats:
 * - `%XX` is the byte XX: of `%` and `\`, of control characters, of bytes that are not UTF-8, of the dots of `.` and `..`,
 *   of slashes in a resource's name, and of letters where two names would otherwise be one on this file system.
 * - A name that is `%` alone is empty: the key `a//b` is `a/%/b`, the key `a/` is `a/%`.
 * - `%-` at the end of a folder's name: the name goes on with the next one (file systems take 255 bytes).
 * - `%~` at the end of a folder's name: not part of it; beside it there is a file of that name.
 */
export const escapeRule =
  '%XX is the byte XX; a name that is % alone is empty; %- at the end: the name goes on in the next folder; %~ at the end is not part of the name.';

/** Bytes of one name on disk, a mark included: below the 255 that file systems take, above what people use. */
const longestName = 240;

/** What needs no second look: printable ASCII without `%`, `/` and `\`. */
const plainName = /^[ -$&-.0-[\]-~]+$/;

const slash = 0x2f;
const percent = 0x25;
const backslash = 0x5c;

/** A key's segments, split at slashes. */
export function segmentsOf(key: Uint8Array): Uint8Array[] {
  const segments: Uint8Array[] = [];
  let from = 0;
  for (let at = key.indexOf(slash); at !== -1; at = key.indexOf(slash, from)) {
    segments.push(key.subarray(from, at));
    from = at + 1;
  }
  return [...segments, key.subarray(from)];
}

/**
 * One segment as the name of a file, or of several nested ones when it is long (joined by slashes). The first `forced`
 * characters are escaped whatever they are. Never empty, `.` or `..`; no control characters; always UTF-8.
 */
export function escapeSegment(segment: Uint8Array, forced = 0): string {
  if (segment.length === 0) return '%';
  if (forced === 0 && segment.length <= longestName) {
    const plain = asBuffer(segment).toString('latin1');
    if (plainName.test(plain) && plain !== '.' && plain !== '..') return plain;
  }
  const pieces = characters(segment).map((character, i) =>
    i < forced || mustEscape(character) ? escapeBytes(character) : asBuffer(character).toString('utf8'),
  );
  const names: string[] = [];
  let name = '';
  let length = 0;
  for (const piece of pieces) {
    const size = Buffer.byteLength(piece);
    if (length + size > longestName) {
      names.push(`${name}%-`);
      name = '';
      length = 0;
    }
    name += piece;
    length += size;
  }
  // Also the rest of a long name may be nothing but dots.
  return [...names, name].map((one) => (one === '.' || one === '..' ? one.replaceAll('.', '%2E') : one)).join('/');
}

/** How many characters `forced` can escape. */
export function characterCount(segment: Uint8Array): number {
  return characters(segment).length;
}

/** The name of a folder that has a file of the same name beside it. */
export function besideFile(folderName: string): string {
  return `${folderName}%~`;
}

function mustEscape(character: Uint8Array): boolean {
  const [first = 0] = character;
  if (character.length > 1) return false;
  return first < 0x20 || first >= 0x7f || first === percent || first === backslash || first === slash;
}

function escapeBytes(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `%${hex(Uint8Array.of(byte)).toUpperCase()}`).join('');
}

/** UTF-8 characters; a byte that belongs to none is one by itself. */
function characters(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    found.push(bytes.subarray(at, at + length));
    at += length;
  }
  return found;
}

function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const piece = bytes.subarray(at, at + length);
  return length > 1 && piece.length === length && isUtf8(piece) ? length : 1;
}
