import { createHmac, type Hmac, type KeyObject } from 'node:crypto';
import type { PackKind } from '../format/header.ts';

/** Bytes of a chunk id. */
export const idLength = 32;

/** Keys that give ids; data and metadata have their own, so that one can never stand for the other. */
export interface IdKeys {
  readonly data: KeyObject;
  readonly metadata: KeyObject;
}

/** HMAC-SHA-256 of the chunk's plaintext: nobody without the key can tell whether a known file is stored. */
export function chunkId(keys: IdKeys, kind: PackKind, bytes: Uint8Array): Buffer {
  return startChunkId(keys, kind).update(bytes).digest();
}

/** The id of a chunk that comes in pieces: its digest, once all of them went in. */
export function startChunkId(keys: IdKeys, kind: PackKind): Hmac {
  return createHmac('sha256', keys[kind]);
}
