import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { utf8 } from '../../kernel/bytes.ts';

/** HKDF-SHA-256 (RFC 5869), 32 bytes. Every purpose is listed in docs/format.md, 3.1. */
export function deriveBytes(secret: Uint8Array, salt: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, utf8(purpose), 32));
}

export function deriveKey(secret: Uint8Array, salt: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(deriveBytes(secret, salt, purpose));
}
