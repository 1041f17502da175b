import { createSecretKey, scrypt, type KeyObject } from 'node:crypto';
import { HoldfastError } from '../../../kernel/errors.ts';
import { concatBytes, hex, utf8 } from '../../../kernel/bytes.ts';
import type { Runtime } from '../../../kernel/runtime.ts';
import { keyLength } from '../curve25519.ts';
import { openOnce, sealOnce } from '../sealed-box.ts';
import { damagedSlot, slotHex, type Identity, type KeySlot, type SlotParameters } from '../slots.ts';

export const passphraseKind = 'passphrase-scrypt-v1';

/** scrypt (RFC 7914): N, r, p. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** About 0.25 s and 64 MiB. */
const scryptParameters: ScryptCost = { n: 65536, r: 8, p: 1 };

/** Protects an identity by a passphrase. Throws repository.no-passphrase for an empty one. */
export async function lockWithPassphrase(
  identity: Required<Identity>,
  passphrase: string,
  runtime: Runtime,
  cost: ScryptCost = scryptParameters,
): Promise<SlotParameters> {
  if (passphrase === '') throw new HoldfastError('repository.no-passphrase', 'an empty passphrase protects nothing');
  const salt = runtime.random.bytes(32);
  const key = await passphraseKey(passphrase, salt, cost);
  const locked = sealOnce(key, concatBytes([identity.privateKey, identity.authority]), utf8(passphraseKind));
  return { ...cost, salt: hex(salt), locked: hex(locked) };
}

/**
 * The identity, or undefined when this passphrase does not open this slot. Throws repository.corrupt, naming `where`, for
 * what no passphrase can open.
 */
export async function unlockWithPassphrase(
  { parameters }: KeySlot,
  passphrase: string,
  where: string,
): Promise<Identity | undefined> {
  const cost = costOf(parameters, where);
  const salt = slotHex(parameters['salt'], 32, where);
  const locked = slotHex(parameters['locked'], undefined, where);
  const plain = openOnce(await passphraseKey(passphrase, salt, cost), locked, utf8(passphraseKind));
  if (!plain) return undefined;
  if (plain.length !== 2 * keyLength) throw damagedSlot(where, 'holds no key');
  return { privateKey: plain.subarray(0, keyLength), authority: plain.subarray(keyLength) };
}

const mostMemory = 1024 * 1024 * 1024;

/** Bytes scrypt takes, as OpenSSL counts them. */
function scryptMemory({ n, r, p }: ScryptCost): number {
  return 128 * r * (n + p + 2);
}

/** A forged slot must not be able to ask for all the memory of the machine, or all day. */
function costOf({ n, r, p }: SlotParameters, where: string): ScryptCost {
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
  if (!isCount(n) || !isCount(r) || !isCount(p)) throw damagedSlot(where, 'has impossible parameters');
  // RFC 7914, section 2: a power of two, less than 2^(128 · r / 8).
  const isPossible = n > 1 && Number.isInteger(Math.log2(n)) && n < 2 ** (16 * r);
  if (!isPossible || scryptMemory({ n, r, p }) > mostMemory || p > 16)
    throw damagedSlot(where, 'has impossible parameters');
  return { n, r, p };
}

function passphraseKey(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<KeyObject> {
  const { n, r, p } = cost;
  return new Promise((resolve, reject) => {
    // Unicode passphrases typed on different systems must give the same key: NFC (RFC 8265).
    scrypt(passphrase.normalize('NFC'), salt, 32, { N: n, r, p, maxmem: scryptMemory(cost) }, (error, key) => {
      if (error) reject(error);
      else resolve(createSecretKey(key));
    });
  });
}
