import { HoldfastError } from '../../kernel/errors.ts';
import { equalBytes, hex } from '../../kernel/bytes.ts';
import { newId, type Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { putOptions, type WritePolicy } from '../format/document.ts';
import type { NewKey } from './contract.ts';
import { publicKeyOf } from './curve25519.ts';
import { newIdentity } from './key-text.ts';
import { authorityOf, encodeKeyring, writerKeyring, type Keyring } from './keyring.ts';
import { kmsKind, lockWithKms, unlockWithKms, type KeyService } from './kinds/kms.ts';
import { lockWithPassphrase, passphraseKind, unlockWithPassphrase } from './kinds/passphrase.ts';
import { x25519Kind } from './kinds/x25519.ts';
import {
  damagedSlot,
  decodeSlot,
  encodeSlot,
  keyPrefix,
  openSlot,
  sealSlot,
  slotDigest,
  writerIdOf,
  type Identity,
  type KeySlot,
  type SlotParameters,
} from './slots.ts';

export interface SlotHost {
  readonly store: ObjectStore;
  readonly runtime: Runtime;
  readonly policy: () => WritePolicy;
  readonly keyService?: KeyService;
}

/** A slot object that is in the store and not yet named by a configuration. */
export interface StoredSlot {
  readonly id: string;
  readonly slot: KeySlot;
  readonly digest: string;
}

const longestLabel = 100;

/**
 * Makes a slot for a new key, stores it, reads it back and opens it with that key. Of a public key only the stored bytes can
 * be compared: who holds the private part is not here.
 */
export async function storeNewSlot(host: SlotHost, keyring: Keyring, key: NewKey): Promise<StoredSlot> {
  const { runtime } = host;
  if (key.label.length > longestLabel)
    throw new HoldfastError('key.invalid', `a label has at most ${longestLabel} characters`);
  const identity = { ...newIdentity(runtime), authority: authorityOf(keyring) };
  const recipient = key.by.kind === 'recipient' ? key.by.publicKey : publicKeyOf('x25519', identity.privateKey);
  const { kind, parameters } = await lock(host, keyring, key, identity);
  const plan = { kind, parameters, role: key.role, label: key.label, recipient: hex(recipient) };
  const slot = sealSlot(plan, keyring, new Date(runtime.clock.now()).toISOString(), runtime);
  const stored = await storeSlot(host, slot);
  const opened = await unlockNew(host, key, stored);
  const given = key.role === 'owner' ? keyring : writerKeyring(keyring, writerIdOf(recipient));
  if (opened && !equalBytes(encodeKeyring(opened), encodeKeyring(given)))
    throw damagedSlot(`${keyPrefix}${stored.id}`, 'does not give back what it was made from');
  return stored;
}

/** Stores a slot under a new id and reads it back. Throws repository.corrupt where the store gives other bytes. */
export async function storeSlot({ store, runtime, policy }: SlotHost, slot: KeySlot): Promise<StoredSlot> {
  const id = hex(newId(runtime));
  const key = `${keyPrefix}${id}`;
  const bytes = encodeSlot(slot);
  await store.put(key, [bytes], { ifAbsent: true, ...putOptions(policy(), 'metadata') });
  const found = await store.get(key);
  if (!equalBytes(found, bytes)) throw damagedSlot(key, 'was not stored as it was written');
  return { id, slot: decodeSlot(found, key), digest: slotDigest(bytes) };
}

async function lock(
  { runtime, keyService }: SlotHost,
  keyring: Keyring,
  { by }: NewKey,
  identity: Required<Identity>,
): Promise<{ readonly kind: string; readonly parameters: SlotParameters }> {
  if (by.kind === 'recipient') return { kind: x25519Kind, parameters: {} };
  if (by.kind === 'passphrase')
    return { kind: passphraseKind, parameters: await lockWithPassphrase(identity, by.passphrase, runtime, by.cost) };
  const parameters = await lockWithKms(identity, by.keys, serviceOf(keyService), hex(keyring.repository));
  return { kind: kmsKind, parameters };
}

async function unlockNew(host: SlotHost, { by }: NewKey, { id, slot }: StoredSlot): Promise<Keyring | undefined> {
  const where = `${keyPrefix}${id}`;
  if (by.kind === 'recipient') return undefined;
  const identity =
    by.kind === 'kms'
      ? await unlockWithKms(slot, serviceOf(host.keyService), where)
      : await unlockWithPassphrase(slot, by.passphrase, where);
  if (!identity) throw damagedSlot(where, 'does not open with the key it was made for');
  return openSlot(slot, identity, where);
}

function serviceOf(service: KeyService | undefined): KeyService {
  if (service) return service;
  throw new HoldfastError('key.invalid', 'there is no access to AWS KMS here');
}
