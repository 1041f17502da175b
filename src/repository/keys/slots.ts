import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes, hex, unhex, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { decodeKeyring, encodeKeyring, type Keyring } from './keyring.ts';

/** One way to unlock the keyring: an object under `keys/`. `kind` names the algorithm; unknown kinds are passed over. */
export interface KeySlot {
  readonly format: 1;
  readonly kind: string;
  /** Hex of the repository the slot belongs to; slots of a failed init are recognised by it. */
  readonly repository: string;
  readonly createdAt: string;
  readonly label: string;
  /** scrypt: N, r, p; all of them are part of the authenticated data. */
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly salt: string;
  readonly nonce: string;
  readonly wrapped: string;
}

/** Cost of the passphrase: about 0.25 s and 64 MiB (RFC 7914 parameters). */
export const scryptParameters = { n: 65536, r: 8, p: 1 };

/** Wraps the keyring under a passphrase: scrypt, then AES-256-GCM. */
export async function createPassphraseSlot(
  keyring: Keyring,
  passphrase: string,
  label: string,
  runtime: Runtime,
  cost: { n: number; r: number; p: number } = scryptParameters,
): Promise<KeySlot> {
  const salt = runtime.random.bytes(32);
  const nonce = runtime.random.bytes(12);
  const slot = {
    format: 1 as const,
    kind: 'passphrase-scrypt-v1',
    repository: hex(keyring.repository),
    createdAt: new Date(runtime.clock.now()).toISOString(),
    label,
    parameters: cost,
    salt: hex(salt),
    nonce: hex(nonce),
  };
  const cipher = createCipheriv('aes-256-gcm', await passphraseKey(passphrase, salt, slot.parameters), nonce);
  cipher.setAAD(authenticated(slot));
  const sealed = [cipher.update(encodeKeyring(keyring)), cipher.final(), cipher.getAuthTag()];
  return { ...slot, wrapped: hex(concatBytes(sealed)) };
}

/**
 * The keyring, or undefined when this passphrase does not open this slot. Throws repository.corrupt, naming `where`, for
 * what no passphrase can open.
 */
export async function openPassphraseSlot(
  slot: KeySlot,
  passphrase: string,
  where: string,
): Promise<Keyring | undefined> {
  if (slot.kind !== 'passphrase-scrypt-v1') return undefined;
  const { n, r, p } = costOf(slot, where);
  const salt = fromHex(slot.salt, 32, where);
  const nonce = fromHex(slot.nonce, 12, where);
  const wrapped = asBuffer(fromHex(slot.wrapped, undefined, where));
  if (wrapped.length < 17) throw damaged(where, 'holds no key');
  const key = await passphraseKey(passphrase, salt, { n, r, p });
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(authenticated(slot));
  decipher.setAuthTag(wrapped.subarray(-16));
  let plain: Buffer;
  try {
    plain = Buffer.concat([decipher.update(wrapped.subarray(0, -16)), decipher.final()]);
  } catch {
    // The tag says no: another passphrase, or a damaged slot; the caller tries the next slot and then says so.
    return undefined;
  }
  return decodeKeyring(plain);
}

const mostMemory = 1024 * 1024 * 1024;

/** Bytes scrypt takes, as OpenSSL counts them. */
function scryptMemory({ n, r, p }: { readonly n: number; readonly r: number; readonly p: number }): number {
  return 128 * r * (n + p + 2);
}

/** A forged slot must not be able to ask for all the memory of the machine, or all day. */
function costOf(slot: KeySlot, where: string): { readonly n: number; readonly r: number; readonly p: number } {
  const { n, r, p } = slot.parameters;
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
  if (!isCount(n) || !isCount(r) || !isCount(p)) throw damaged(where, 'has impossible parameters');
  // RFC 7914, section 2: a power of two, less than 2^(128 · r / 8).
  const isPossible = n > 1 && Number.isInteger(Math.log2(n)) && n < 2 ** (16 * r);
  if (!isPossible || scryptMemory({ n, r, p }) > mostMemory || p > 16)
    throw damaged(where, 'has impossible parameters');
  return { n, r, p };
}

function fromHex(text: string, length: number | undefined, where: string): Uint8Array {
  const bytes = unhex(text);
  // Buffer.from stops at the first character that is no hex digit.
  if (bytes.length * 2 !== text.length || (length !== undefined && bytes.length !== length))
    throw damaged(where, 'holds text that is not hex, or of another length');
  return bytes;
}

function damaged(where: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `the key slot ${where} ${problem}`, { resource: where });
}

export function encodeSlot(slot: KeySlot): Uint8Array {
  return utf8(canonicalJson({ ...slot }));
}

export function decodeSlot(bytes: Uint8Array, key: string): KeySlot {
  try {
    const slot = JSON.parse(asBuffer(bytes).toString('utf8')) as KeySlot;
    const texts = [slot.kind, slot.repository, slot.salt, slot.nonce, slot.wrapped, slot.label];
    if (texts.every((text) => typeof text === 'string') && isObject(slot.parameters)) return slot;
  } catch (error) {
    throw new HoldfastError('repository.corrupt', `${key} is not a key slot`, { resource: key, cause: error });
  }
  throw new HoldfastError('repository.corrupt', `${key} is not a key slot`, { resource: key });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function authenticated(slot: Omit<KeySlot, 'wrapped'>): Uint8Array {
  const { kind, repository, parameters, salt } = slot;
  return utf8(canonicalJson({ kind, repository, parameters: { ...parameters }, salt }));
}

function passphraseKey(
  passphrase: string,
  salt: Uint8Array,
  cost: { n: number; r: number; p: number },
): Promise<Buffer> {
  const { n, r, p } = cost;
  return new Promise((resolve, reject) => {
    // Unicode passphrases typed on different systems must give the same key: NFC (RFC 8265).
    scrypt(passphrase.normalize('NFC'), salt, 32, { N: n, r, p, maxmem: scryptMemory({ n, r, p }) }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
