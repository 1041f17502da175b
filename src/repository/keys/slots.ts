import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { concatBytes, equalBytes, hex, unhex, utf8 } from '../../kernel/bytes.ts';
import { decodeJsonMap, isMap } from '../format/json.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { authorityKey, authorityOf, decodeKeyring, encodeKeyring, writerKeyring, type Keyring } from './keyring.ts';
import { isSignedFor, publicKeyOf, signFor, signatureLength } from './curve25519.ts';
import { openBox, sealBox } from './sealed-box.ts';

export const keyPrefix = 'keys/';

/** What a slot lets its holder do: everything, or add snapshots without being able to read. */
export type SlotRole = 'owner' | 'writer';

/**
 * One way to unlock the keyring: an object under `keys/`. The keyring is sealed to the X25519 public key of an identity; the
 * kind says what protects the identity's private key. So a keyring can be sealed anew for everybody without their secrets.
 */
export interface KeySlot {
  readonly format: 1;
  readonly kind: string;
  readonly role: SlotRole;
  /** Hex of the repository the slot belongs to. */
  readonly repository: string;
  readonly createdAt: string;
  readonly label: string;
  /** What the kind needs to give the identity back to its holder; nothing secret. */
  readonly parameters: SlotParameters;
  /** Hex, 32 bytes: the identity's public key. */
  readonly recipient: string;
  /** Hex, 32 bytes: the other half of the exchange. */
  readonly ephemeral: string;
  /** Hex: the keyring and the authority's signature, sealed. */
  readonly wrapped: string;
}

export type SlotParameters = Readonly<Record<string, Json>>;

/** The private side of a slot. */
export interface Identity {
  /** X25519, 32 bytes. */
  readonly privateKey: Uint8Array;
  /**
   * The authority (Ed25519 public key) of the repository the identity was made for. Whoever can write to a store can seal
   * another keyring to a public key; with this the holder notices. Undefined for a recovery key that was made before.
   */
  readonly authority?: Uint8Array;
}

/** What a new slot says beside the keyring. */
export type SlotPlan = Pick<KeySlot, 'kind' | 'role' | 'label' | 'parameters' | 'recipient'>;

const purpose = 'holdfast/v1/slot';

/** Wraps the keyring, or what a writer gets of it. The sealed bytes are opened again before they are returned. */
export function sealSlot(plan: SlotPlan, keyring: Keyring, createdAt: string, runtime: Runtime): KeySlot {
  const { kind, role, label, parameters, recipient } = plan;
  const fields = { format: 1 as const, kind, role, label, parameters, recipient, createdAt };
  const repository = hex(keyring.repository);
  const publicKey = unhex(recipient);
  const given = role === 'owner' ? keyring : writerKeyring(keyring, writerIdOf(publicKey));
  const payload = encodeKeyring(given);
  const signature = signFor(purpose, authorityKey(keyring), concatBytes([publicKey, payload]));
  const about = authenticated({ ...fields, repository });
  const box = sealBox(publicKey, concatBytes([payload, signature]), { purpose, about, runtime });
  return { ...fields, repository, ephemeral: hex(box.ephemeral), wrapped: hex(box.sealed) };
}

/**
 * The keyring of a slot. Throws repository.corrupt, naming `where`, when the slot was changed, or when its keyring is not
 * of the repository that the identity was made for.
 */
export function openSlot(slot: KeySlot, identity: Identity, where: string): Keyring {
  const publicKey = publicKeyOf('x25519', identity.privateKey);
  const box = {
    ephemeral: slotHex(slot.ephemeral, 32, where),
    sealed: slotHex(slot.wrapped, undefined, where),
  };
  const plain = openBox(identity.privateKey, box, {
    purpose,
    about: authenticated(slot),
    where,
  });
  if (plain.length < signatureLength) throw damagedSlot(where, 'holds no key');
  const payload = plain.subarray(0, -signatureLength);
  const keyring = decodeKeyring(payload);
  const authority = authorityOf(keyring);
  const signed = concatBytes([publicKey, payload]);
  if (!isSignedFor(purpose, identity.authority ?? authority, signed, plain.subarray(-signatureLength)))
    throw damagedSlot(where, 'holds the keys of another repository: somebody put it there');
  const isWriter = keyring.writer !== undefined;
  if (hex(keyring.repository) !== slot.repository || isWriter !== (slot.role === 'writer'))
    throw damagedSlot(where, 'holds other keys than it says');
  if (identity.authority && !equalBytes(identity.authority, authority))
    throw damagedSlot(where, 'holds the keys of another repository: somebody put it there');
  return keyring;
}

/** Tells one writer's index objects from those of another: the same for all slots sealed to one public key. */
export function writerIdOf(recipient: Uint8Array): Uint8Array {
  return createHash('sha256').update('holdfast/v1/writer/id\0').update(recipient).digest().subarray(0, 16);
}

export function encodeSlot(slot: KeySlot): Uint8Array {
  return utf8(canonicalJson({ ...slot }));
}

/** Hex SHA-256 of the object, by which the configuration names it. */
export function slotDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Throws repository.corrupt for what is no key slot. */
export function decodeSlot(bytes: Uint8Array, key: string): KeySlot {
  const slot = decodeJsonMap(bytes, key);
  const names = ['kind', 'role', 'repository', 'createdAt', 'label', 'recipient', 'ephemeral', 'wrapped'] as const;
  if (isMap(slot['parameters']) && names.every((name) => typeof slot[name] === 'string'))
    return slot as unknown as KeySlot;
  throw new HoldfastError('repository.corrupt', `${key} is not a key slot`, { resource: key });
}

/** Bytes of a hex field; of a length where one is given. */
export function slotHex(text: unknown, length: number | undefined, where: string): Uint8Array {
  const bytes = unhex(typeof text === 'string' ? text : '');
  // Buffer.from stops at the first character that is no hex digit.
  if (typeof text !== 'string' || bytes.length * 2 !== text.length || bytes.length !== (length ?? bytes.length))
    throw damagedSlot(where, 'holds text that is not hex, or of another length');
  return bytes;
}

export function damagedSlot(where: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `the key slot ${where} ${problem}`, { resource: where });
}

function authenticated(slot: Omit<KeySlot, 'ephemeral' | 'wrapped'>): Uint8Array {
  const { kind, role, repository, createdAt, label, parameters, recipient } = slot;
  return utf8(canonicalJson({ kind, role, repository, createdAt, label, parameters: { ...parameters }, recipient }));
}
