import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes, equalBytes } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { agree, keyLength, publicKeyOf } from './curve25519.ts';
import { deriveKey } from './derive.ts';

/** Bytes that only the holder of a private key can open. */
export interface SealedBox {
  /** X25519 public key, 32 bytes. */
  readonly ephemeral: Uint8Array;
  /** Ciphertext and tag. */
  readonly sealed: Uint8Array;
}

// Each box has a key of its own: the nonce need not differ.
const nonce = Buffer.alloc(12);
const tagLength = 16;

/**
 * X25519 with an ephemeral key, HKDF over both public keys, AES-256-GCM with `about` as authenticated data: the
 * construction of HPKE's base mode (RFC 9180) with HKDF as we use it everywhere.
 */
export function sealBox(
  recipient: Uint8Array,
  plain: Uint8Array,
  settings: { readonly purpose: string; readonly about: Uint8Array; readonly runtime: Runtime },
): SealedBox {
  const { purpose, about, runtime } = settings;
  if (recipient.length !== keyLength) throw new HoldfastError('key.invalid', 'a public key has 32 bytes');
  const secret = runtime.random.bytes(keyLength);
  const ephemeral = publicKeyOf('x25519', secret);
  const key = deriveKey(agree(secret, recipient, 'the recipient'), concatBytes([ephemeral, recipient]), purpose);
  const sealed = sealOnce(key, plain, about);
  // Bad memory exists: what nobody could open again must not be stored.
  if (!equalBytes(openOnce(key, sealed, about) ?? asBuffer(new Uint8Array(0)), plain))
    throw new HoldfastError('internal.bug', 'a key changed in memory while it was sealed');
  return { ephemeral, sealed };
}

/** Throws repository.corrupt, naming `where`, for anything but what was sealed to this key. */
export function openBox(
  privateKey: Uint8Array,
  box: SealedBox,
  settings: { readonly purpose: string; readonly about: Uint8Array; readonly where: string },
): Uint8Array {
  const { purpose, about, where } = settings;
  const recipient = publicKeyOf('x25519', privateKey);
  const shared = agree(privateKey, box.ephemeral, where);
  const plain = openOnce(deriveKey(shared, concatBytes([box.ephemeral, recipient]), purpose), box.sealed, about);
  if (plain) return plain;
  throw new HoldfastError('repository.corrupt', `${where} does not hold what was sealed`, { resource: where });
}

/** AES-256-GCM under a key that is used for this alone: ciphertext and tag. */
export function sealOnce(key: KeyObject, plain: Uint8Array, about: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(about);
  return concatBytes([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined where the tag does not fit: another key, or other bytes. */
export function openOnce(key: KeyObject, sealed: Uint8Array, about: Uint8Array): Uint8Array | undefined {
  if (sealed.length < tagLength) return undefined;
  const bytes = asBuffer(sealed);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(about);
  decipher.setAuthTag(bytes.subarray(-tagLength));
  const plain = decipher.update(bytes.subarray(0, -tagLength));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // The only thing final() says is that the tag does not fit.
    return undefined;
  }
}
