import { createHash } from 'node:crypto';
import { asBuffer } from '../../kernel/bytes.ts';
import { typeOf, versionOf } from './payload.ts';
import { readValue } from './value.ts';

/** Whether two payloads, both in order, hold the same value: byte for byte, or written in different ways. */
export function sameValue(a: Uint8Array, b: Uint8Array): boolean {
  if (asBuffer(a).equals(b)) return true;
  if (typeOf(a) !== typeOf(b)) return false;
  const value = digestOf(a);
  return value !== undefined && value === digestOf(b);
}

/**
 * Whether what reads back is what was written. Of a module's type another version of the server may write other bytes for
 * the same value, which only the module could tell.
 */
export function isSameAsWritten(live: Uint8Array, written: Uint8Array): boolean {
  if (sameValue(live, written)) return true;
  const isOpaque = digestOf(live) === undefined && versionOf(live) !== versionOf(written);
  return isOpaque && typeOf(live) === typeOf(written);
}

/** SHA-256 of the value, whichever way it is written; undefined for what cannot be read. */
export function digestOf(payload: Uint8Array): string | undefined {
  const value = readValue(asBuffer(payload));
  if (value === undefined) return undefined;
  const hash = createHash('sha256').update(value.type);
  const length = Buffer.alloc(4);
  for (const item of value.items) {
    length.writeUInt32LE(item.length);
    hash.update(length).update(item);
  }
  return hash.digest('hex');
}
