import { asBuffer } from '../../kernel/bytes.ts';

/** Whether two payloads, both in order, hold the same value. */
export function sameValue(a: Uint8Array, b: Uint8Array): boolean {
  return asBuffer(a).equals(b);
}

/** Whether what reads back is what was written. */
export function isSameAsWritten(live: Uint8Array, written: Uint8Array): boolean {
  return sameValue(live, written);
}
