import type { KeyObject } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { concatBytes, equalBytes } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { KeyMode, ObjectHeader, ObjectType } from '../format/header.ts';
import { writerIdLength } from '../format/pack-directory.ts';
import { agree, publicKeyOf } from './curve25519.ts';
import { deriveKey } from './derive.ts';
import {
  currentEpoch,
  exchangeKey,
  noticeSecret,
  writeOnly,
  writerIndexSecret,
  type Keyring,
  type WriterEpoch,
  type WriterKeys,
} from './keyring.ts';

export type KeyFields = Pick<ObjectHeader, 'epoch' | 'salt' | 'keyMode'>;

/** What may be sealed how: whoever holds a writer's key must not be able to make a mark, say, that owners believe. */
const madeByWriters: Readonly<Partial<Record<ObjectType, KeyMode>>> = {
  pack: 'recipient',
  snapshot: 'recipient',
  checkpoint: 'recipient',
  wal: 'recipient',
  index: 'writer',
};

/** Fields and key for objects to be written (one object; all packs of a session share theirs). */
export function newObjectKey(
  keyring: Keyring,
  type: ObjectType,
  runtime: Runtime,
): { readonly fields: KeyFields; readonly key: KeyObject } {
  const epoch = currentEpoch(keyring);
  const info = purposeOf(type);
  if (!keyring.writer) {
    const fields: KeyFields = { keyMode: 'epoch', epoch, salt: runtime.random.bytes(32) };
    return { fields, key: objectKey(keyring, { ...fields, type }) };
  }
  const keyMode = madeByWriters[type];
  if (keyMode === undefined) throw writeOnly(`make a ${type}`);
  const keys = keyring.writer.epochs.find((row) => row.epoch === epoch) as WriterEpoch;
  if (keyMode === 'writer') {
    const salt = concatBytes([keyring.writer.id, runtime.random.bytes(32 - writerIdLength)]);
    return { fields: { keyMode, epoch, salt }, key: deriveKey(keys.index, salt, info) };
  }
  const ephemeral = runtime.random.bytes(32);
  const salt = publicKeyOf('x25519', ephemeral);
  const shared = agree(ephemeral, keys.exchange, 'the writer key');
  return { fields: { keyMode, epoch, salt }, key: deriveKey(shared, concatBytes([salt, keys.exchange]), info) };
}

/** The same as `writeIndex` needs it when an owner rewrites what a writer's index objects said. */
export function newIndexKey(
  keyring: Keyring,
  writer: Uint8Array,
  runtime: Runtime,
): { readonly fields: KeyFields; readonly key: KeyObject } {
  const salt = concatBytes([writer, runtime.random.bytes(32 - writerIdLength)]);
  const fields: KeyFields = { keyMode: 'writer', epoch: currentEpoch(keyring), salt };
  return { fields, key: objectKey(keyring, { ...fields, type: 'index' }) };
}

/**
 * The key of a stored object, by its header (docs/format.md, 3.1). Throws repository.write-only where a writer's key cannot
 * give it, repository.newer-format for an epoch that began after the keyring was read, repository.corrupt otherwise.
 */
export function objectKey(keyring: Keyring, header: KeyFields & Pick<ObjectHeader, 'type'>): KeyObject {
  const { keyMode, type, epoch, salt } = header;
  if (keyMode !== 'epoch' && madeByWriters[type] !== keyMode)
    throw new HoldfastError('repository.corrupt', `a ${type} that a writer's key made, where none may`);
  if (keyring.writer) return keyOfWriter(keyring.writer, header);
  const secret = keyring.epochs.find((row) => row.epoch === epoch)?.secret;
  if (!secret) throw unknownEpoch(epoch, currentEpoch(keyring));
  const info = purposeOf(type);
  if (keyMode === 'epoch') return deriveKey(type === 'mark' ? noticeSecret(keyring, secret) : secret, salt, info);
  if (keyMode === 'writer') return deriveKey(writerIndexSecret(secret, writerOf(salt)), salt, info);
  const own = exchangeKey(keyring, secret);
  return deriveKey(agree(own, salt, `a ${type}`), concatBytes([salt, publicKeyOf('x25519', own)]), info);
}

/** A writer opens marks, and the index objects that it wrote itself, and nothing else. */
function keyOfWriter(writer: WriterKeys, { keyMode, type, epoch, salt }: KeyFields & { type: ObjectType }): KeyObject {
  const keys = writer.epochs.find((row) => row.epoch === epoch);
  const isOwnIndex = keyMode === 'writer' && equalBytes(writerOf(salt), writer.id);
  const isMark = keyMode === 'epoch' && type === 'mark';
  if (!isOwnIndex && !isMark) throw writeOnly(type === 'index' ? "read others' index objects" : `read a ${type}`);
  if (!keys) throw unknownEpoch(epoch, Math.max(...writer.epochs.map((row) => row.epoch)));
  return deriveKey(isMark ? keys.notice : keys.index, salt, purposeOf(type));
}

/** Whose index object it is, by the salt of its header. */
export function writerOf(salt: Uint8Array): Uint8Array {
  return salt.subarray(0, writerIdLength);
}

function purposeOf(type: ObjectType): string {
  return `holdfast/v1/object/${type}`;
}

function unknownEpoch(epoch: number, newest: number): HoldfastError {
  if (epoch <= newest)
    return new HoldfastError('repository.corrupt', `sealed under key epoch ${epoch}, which the keyring lacks`);
  return new HoldfastError(
    'repository.newer-format',
    `sealed under key epoch ${epoch}, which began after the keys were read (newest known: ${newest})`,
    { hint: 'Run the command again: it then reads the new keys.' },
  );
}
