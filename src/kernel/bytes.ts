import { isUtf8 as isUtf8Bytes } from 'node:buffer';

const encoder = new TextEncoder();

export const emptyBytes: Uint8Array = new Uint8Array(0);

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function hex(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('hex');
}

export function unhex(text: string): Uint8Array {
  return Buffer.from(text, 'hex');
}

/** A Buffer over the same memory; no copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** True when the bytes are well-formed UTF-8 that survives a round trip. */
export function isUtf8(bytes: Uint8Array): boolean {
  return isUtf8Bytes(bytes);
}

/**
 * Bytes as text for people and file names: UTF-8 where they are UTF-8, each other byte as `\xNN`
 * (and a backslash as `\\`), so that no two different names look the same.
 */
export function displayBytes(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString('utf8');
  if (!text.includes('\ufffd') && !text.includes('\\') && !hasControl(text)) return text;
  let out = '';
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes, i);
    const piece = bytes.subarray(i, i + Math.max(length, 1));
    const decoded = asBuffer(piece).toString('utf8');
    if (length === 0 || hasControl(decoded)) out += [...piece].map((b) => `\\x${hex(Uint8Array.of(b))}`).join('');
    else out += decoded === '\\' ? '\\\\' : decoded;
    i += piece.length;
  }
  return out;
}

/** The bytes behind what displayBytes printed; plain text is its UTF-8. */
export function parseDisplay(text: string): Uint8Array {
  if (!text.includes('\\')) return utf8(text);
  const parts: Uint8Array[] = [];
  const pattern = /\\x([0-9a-fA-F]{2})|\\\\|[^\\]+|\\/g;
  for (const match of text.matchAll(pattern)) {
    if (match[1] !== undefined) parts.push(unhex(match[1]));
    else parts.push(utf8(match[0] === '\\\\' ? '\\' : match[0]));
  }
  return concatBytes(parts);
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 32 || c === 127) return true;
  }
  return false;
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  for (const length of [1, 2, 3, 4]) {
    const piece = bytes.subarray(at, at + length);
    if (piece.length === length && isUtf8(piece)) return length;
  }
  return 0;
}
