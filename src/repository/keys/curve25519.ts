import { createPrivateKey, createPublicKey, diffieHellman, sign, verify, type KeyObject } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';

// Fixed DER in front of the 32 raw bytes of a key (RFC 8410, sections 4 and 7).
const privatePrefix = { x25519: '302e020100300506032b656e04220420', ed25519: '302e020100300506032b657004220420' };
const publicPrefix = { x25519: '302a300506032b656e032100', ed25519: '302a300506032b6570032100' };
type Curve = keyof typeof privatePrefix;

export const keyLength = 32;
export const signatureLength = 64;

/** The raw public key (32 bytes) of a raw private key: X25519 (RFC 7748) or Ed25519 (RFC 8032). */
export function publicKeyOf(curve: Curve, privateKey: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateObject(curve, privateKey)).export({ format: 'der', type: 'spki' });
  return Uint8Array.from(spki.subarray(-keyLength));
}

/** X25519. Throws repository.corrupt, naming `where`, for a public key that no honest party has (RFC 7748, section 6.1). */
export function agree(privateKey: Uint8Array, publicKey: Uint8Array, where: string): Uint8Array {
  try {
    return diffieHellman({
      privateKey: privateObject('x25519', privateKey),
      publicKey: publicObject('x25519', publicKey),
    });
  } catch (error) {
    throw new HoldfastError('repository.corrupt', `${where} holds an impossible public key`, {
      resource: where,
      cause: error,
    });
  }
}

/** Ed25519 signature (64 bytes) of `message` for `purpose`, so that what is signed for one can never stand for another. */
export function signFor(purpose: string, privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(null, tagged(purpose, message), privateObject('ed25519', privateKey));
}

export function isSignedFor(
  purpose: string,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== signatureLength || publicKey.length !== keyLength) return false;
  return verify(null, tagged(purpose, message), publicObject('ed25519', publicKey), signature);
}

function tagged(purpose: string, message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${purpose}\0`), message]);
}

function privateObject(curve: Curve, raw: Uint8Array): KeyObject {
  const key = Buffer.concat([Buffer.from(privatePrefix[curve], 'hex'), asBuffer(raw)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function publicObject(curve: Curve, raw: Uint8Array): KeyObject {
  const key = Buffer.concat([Buffer.from(publicPrefix[curve], 'hex'), asBuffer(raw)]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}
