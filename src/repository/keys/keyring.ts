import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { IdKeys } from '../chunks/id.ts';
import { decodeCbor, encodeCbor } from '../format/cbor.ts';
import { asMap, countIn, listIn } from '../format/fields.ts';
import { publicKeyOf } from './curve25519.ts';
import { deriveBytes, deriveKey } from './derive.ts';

/**
 * The secrets of a repository; what every key slot wraps. Ids and boundaries keep their own secrets, so that a new epoch
 * (re-keying after a leak) leaves deduplication and old snapshots as they are.
 */
export interface Keyring {
  readonly repository: Uint8Array;
  /** Empty for a writer, which can read nothing. */
  readonly epochs: readonly Epoch[];
  readonly idSecret: Uint8Array;
  readonly chunkerSecret: Uint8Array;
  /** Where ids are those of another repository (this one was made for copies of it): the id they are derived with. */
  readonly lineage?: Uint8Array;
  /** Set where the keyring is that of a writer that cannot read. */
  readonly writer?: WriterKeys;
}

export interface Epoch {
  readonly epoch: number;
  readonly secret: Uint8Array;
}

/** What a writer has in place of the epochs' secrets. */
export interface WriterKeys {
  /** 16 bytes; tells this writer's index objects from those of others. */
  readonly id: Uint8Array;
  /** Ed25519 public key of the repository's authority, which signs its configuration. */
  readonly authority: Uint8Array;
  readonly epochs: readonly WriterEpoch[];
}

export interface WriterEpoch {
  readonly epoch: number;
  /** X25519 public key of the epoch: what is sealed to it only the epoch's secret opens. */
  readonly exchange: Uint8Array;
  /** Opens and seals this writer's own index objects. */
  readonly index: Uint8Array;
  /** Opens marks, which say what is about to be deleted, and which the authority signs. */
  readonly notice: Uint8Array;
}

/** Fresh secrets; with `like` ids and boundaries are those of that repository, and nothing else is. */
export function createKeyring(repository: Uint8Array, runtime: Runtime, like?: Keyring): Keyring {
  return {
    repository,
    epochs: [{ epoch: 1, secret: runtime.random.bytes(32) }],
    idSecret: like?.idSecret ?? runtime.random.bytes(32),
    chunkerSecret: like?.chunkerSecret ?? runtime.random.bytes(32),
    ...(like ? { lineage: idSalt(like) } : {}),
  };
}

/** With what ids are derived, besides their secret. */
export function idSalt({ repository, lineage }: Pick<Keyring, 'repository' | 'lineage'>): Uint8Array {
  return lineage ?? repository;
}

/** The same with one epoch more, which new objects then use. */
export function withNewEpoch(keyring: Keyring, runtime: Runtime): Keyring {
  const epoch = { epoch: currentEpoch(keyring) + 1, secret: runtime.random.bytes(32) };
  return { ...keyring, epochs: [...keyring.epochs, epoch] };
}

/** What a writer with this id gets of an owner's keyring: it can be computed from the keyring, and not the other way round. */
export function writerKeyring(keyring: Keyring, id: Uint8Array): Keyring {
  const { repository, idSecret, chunkerSecret, lineage } = keyring;
  const epochs = keyring.epochs.map(({ epoch, secret }) => ({
    epoch,
    exchange: publicKeyOf('x25519', exchangeKey(keyring, secret)),
    index: writerIndexSecret(secret, id),
    notice: noticeSecret(keyring, secret),
  }));
  const writer = { id, authority: authorityOf(keyring), epochs };
  return { repository, idSecret, chunkerSecret, ...(lineage ? { lineage } : {}), epochs: [], writer };
}

export function encodeKeyring(keyring: Keyring): Uint8Array {
  const shared = {
    repository: keyring.repository,
    ids: keyring.idSecret,
    chunker: keyring.chunkerSecret,
    ...(keyring.lineage ? { lineage: keyring.lineage } : {}),
  };
  if (!keyring.writer)
    return encodeCbor({ ...shared, epochs: keyring.epochs.map(({ epoch, secret }) => ({ epoch, secret })) });
  const { id, authority, epochs } = keyring.writer;
  return encodeCbor({ ...shared, writer: id, authority, epochs: epochs.map((row) => ({ ...row })) });
}

/** Throws repository.corrupt for what is no keyring. */
export function decodeKeyring(bytes: Uint8Array): Keyring {
  const what = 'the keyring';
  const map = asMap(decodeCbor(bytes, what), what);
  const rows = listIn(map, 'epochs', what).map((row) => asMap(row, what));
  if (rows.length === 0) throw new HoldfastError('repository.corrupt', `${what} lacks an epoch`);
  const shared = {
    repository: bytesOf(map['repository'], 16),
    idSecret: bytesOf(map['ids'], 32),
    chunkerSecret: bytesOf(map['chunker'], 32),
    ...(map['lineage'] === undefined ? {} : { lineage: bytesOf(map['lineage'], 16) }),
  };
  if (map['writer'] === undefined)
    return {
      ...shared,
      epochs: rows.map((row) => ({ epoch: countIn(row, 'epoch', what), secret: bytesOf(row['secret'], 32) })),
    };
  const epochs = rows.map((row) => ({
    epoch: countIn(row, 'epoch', what),
    exchange: bytesOf(row['exchange'], 32),
    index: bytesOf(row['index'], 32),
    notice: bytesOf(row['notice'], 32),
  }));
  const writer = { id: bytesOf(map['writer'], 16), authority: bytesOf(map['authority'], 32), epochs };
  return { ...shared, epochs: [], writer };
}

function bytesOf(value: unknown, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return Uint8Array.from(value);
  throw new HoldfastError('repository.corrupt', 'the keyring lacks a secret');
}

/** The newest epoch: what is written now is sealed under it. */
export function currentEpoch(keyring: Keyring): number {
  return Math.max(...(keyring.writer?.epochs ?? keyring.epochs).map((row) => row.epoch));
}

/** X25519 private key of an epoch. */
export function exchangeKey({ repository }: Pick<Keyring, 'repository'>, secret: Uint8Array): Uint8Array {
  return deriveBytes(secret, repository, 'holdfast/v1/epoch/exchange');
}

/** What marks are sealed under: secret from those who have no key, known to owners and writers. */
export function noticeSecret({ repository }: Pick<Keyring, 'repository'>, secret: Uint8Array): Uint8Array {
  return deriveBytes(secret, repository, 'holdfast/v1/epoch/notice');
}

/** What one writer's index objects are sealed under. */
export function writerIndexSecret(secret: Uint8Array, writer: Uint8Array): Uint8Array {
  return deriveBytes(secret, writer, 'holdfast/v1/writer/index');
}

/** Ed25519 private key that signs what writers must be able to check and not to forge. Throws repository.write-only. */
export function authorityKey(keyring: Keyring): Uint8Array {
  const first = keyring.epochs.find(({ epoch }) => epoch === 1);
  if (!first) throw writeOnly('change the keys or the configuration of the repository');
  return deriveBytes(first.secret, keyring.repository, 'holdfast/v1/authority');
}

/** Its public key: by it a repository is known for itself. */
export function authorityOf(keyring: Keyring): Uint8Array {
  return keyring.writer?.authority ?? publicKeyOf('ed25519', authorityKey(keyring));
}

export function writeOnly(what: string): HoldfastError {
  return new HoldfastError(
    'repository.write-only',
    `the repository was opened with a writer's key, which cannot ${what}`,
  );
}

export function idKeys(keyring: Pick<Keyring, 'idSecret' | 'repository' | 'lineage'>): IdKeys {
  const salt = idSalt(keyring);
  return {
    data: deriveKey(keyring.idSecret, salt, 'holdfast/v1/id/data'),
    metadata: deriveKey(keyring.idSecret, salt, 'holdfast/v1/id/metadata'),
  };
}
