import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { IdKeys } from '../chunks/id.ts';
import { decodeCbor, encodeCbor, type CborMap } from '../format/cbor.ts';
import type { ObjectHeader } from '../format/header.ts';

/**
 * The secrets of a repository; what every key slot wraps. Ids and boundaries keep their own secrets, so that a new epoch
 * (re-keying after a leak) leaves deduplication and old snapshots as they are.
 */
export interface Keyring {
  readonly repository: Uint8Array;
  readonly epochs: readonly { readonly epoch: number; readonly secret: Uint8Array }[];
  readonly idSecret: Uint8Array;
  readonly chunkerSecret: Uint8Array;
}

export function createKeyring(repository: Uint8Array, runtime: Runtime): Keyring {
  return {
    repository,
    epochs: [{ epoch: 1, secret: runtime.random.bytes(32) }],
    idSecret: runtime.random.bytes(32),
    chunkerSecret: runtime.random.bytes(32),
  };
}

export function encodeKeyring(keyring: Keyring): Uint8Array {
  return encodeCbor({
    repository: keyring.repository,
    epochs: keyring.epochs.map(({ epoch, secret }) => ({ epoch, secret })),
    ids: keyring.idSecret,
    chunker: keyring.chunkerSecret,
  });
}

export function decodeKeyring(bytes: Uint8Array): Keyring {
  const map = decodeCbor(bytes, 'the keyring') as CborMap;
  const epochs = (map['epochs'] as CborMap[] | undefined) ?? [];
  return {
    repository: bytesOf(map['repository']),
    epochs: epochs.map((row) => ({ epoch: Number(row['epoch']), secret: bytesOf(row['secret']) })),
    idSecret: bytesOf(map['ids']),
    chunkerSecret: bytesOf(map['chunker']),
  };
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.length >= 16) return Uint8Array.from(value);
  throw new HoldfastError('repository.corrupt', 'the keyring lacks a secret');
}

/** The newest epoch: what is written now is sealed under it. */
export function currentEpoch(keyring: Keyring): number {
  return Math.max(...keyring.epochs.map((row) => row.epoch));
}

/** HKDF-SHA-256 (RFC 5869) with the object's salt; one key per object (packs of a session share theirs). */
export function objectKey(keyring: Keyring, header: Pick<ObjectHeader, 'epoch' | 'salt' | 'type'>): KeyObject {
  const row = keyring.epochs.find((candidate) => candidate.epoch === header.epoch);
  if (!row)
    throw new HoldfastError(
      'repository.corrupt',
      `sealed under key epoch ${header.epoch}, which this key slot does not hold`,
    );
  return derive(row.secret, header.salt, `holdfast/v1/object/${header.type}`);
}

export function idKeys(keyring: Pick<Keyring, 'idSecret' | 'repository'>): IdKeys {
  return {
    data: derive(keyring.idSecret, keyring.repository, 'holdfast/v1/id/data'),
    metadata: derive(keyring.idSecret, keyring.repository, 'holdfast/v1/id/metadata'),
  };
}

/** Authenticates the configuration, which must be readable before any key is. */
export function configurationKey(keyring: Keyring): KeyObject {
  return derive(keyring.idSecret, keyring.repository, 'holdfast/v1/configuration');
}

function derive(secret: Uint8Array, salt: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, salt, utf8(purpose), 32)));
}
