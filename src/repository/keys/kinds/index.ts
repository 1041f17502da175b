import { kmsKind } from './kms.ts';
import { passphraseKind } from './passphrase.ts';
import { x25519Kind } from './x25519.ts';

const kinds: ReadonlySet<string> = new Set([passphraseKind, kmsKind, x25519Kind]);

/** Whether this version can open and seal slots of the kind; others are passed over and never changed. */
export function isKnownKind(kind: string): boolean {
  return kinds.has(kind);
}
