import { HoldfastError } from '../../kernel/errors.ts';
import { concatBytes } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { PutOptions } from '../../storage/contract.ts';
import { sealedLength } from './group.ts';
import { isSignedFor, signatureLength, signFor } from '../keys/curve25519.ts';
import { authorityKey, authorityOf, type Keyring } from '../keys/keyring.ts';
import { newIndexKey, newObjectKey, objectKey } from '../keys/object-key.ts';
import { openGroup, sealGroup } from '../keys/seal.ts';
import {
  decodeHeader,
  encodeHeader,
  headerLength,
  type ObjectHeader,
  type ObjectType,
  type PackKind,
} from './header.ts';

/** Retention and class with which new objects are written. */
export type WritePolicy = Pick<ObjectHeader, 'retainUntil' | 'retention' | 'storageClass'>;

export const plainPolicy: WritePolicy = { retainUntil: 0, retention: 'none', storageClass: 'STANDARD' };

/** What the store is asked for when an object is put. Only data packs go to a class of their own; all the rest stays warm. */
export function putOptions(policy: WritePolicy, kind: PackKind): Pick<PutOptions, 'storageClass' | 'retain'> {
  const { retention, retainUntil, storageClass } = policy;
  return {
    ...(kind === 'data' && storageClass !== 'STANDARD' ? { storageClass } : {}),
    ...(retention === 'none' ? {} : { retain: { until: retainUntil, mode: retention } }),
  };
}

/**
 * Seals one document (index, snapshot, checkpoint) as a whole object: header and one group. `writer`: an index object for
 * the writer of this id, which an owner may write in its place.
 */
export function sealDocument(
  keyring: Keyring,
  type: Exclude<ObjectType, 'pack'>,
  plain: Uint8Array,
  runtime: Runtime,
  policy: WritePolicy,
  writer?: Uint8Array,
): Uint8Array {
  const sealing =
    writer && !keyring.writer ? newIndexKey(keyring, writer, runtime) : newObjectKey(keyring, type, runtime);
  const fields: ObjectHeader = {
    ...policy,
    ...sealing.fields,
    type,
    kind: 'metadata',
    createdAt: runtime.clock.now(),
  };
  const header = encodeHeader(fields);
  const context = {
    key: sealing.key,
    repository: keyring.repository,
    kind: 'metadata' as const,
    objectHeader: header,
  };
  const signed = type === 'mark' ? withSignature(keyring, header, plain) : plain;
  const group = sealGroup(context, 'document', signed, Buffer.alloc(12), 3);
  openGroup(context, group, 'a document about to be stored');
  return concatBytes([header, group]);
}

/** Opens a whole object. Throws repository.corrupt, or repository.newer-format for a later version's. */
export function openDocument(
  keyring: Keyring,
  type: Exclude<ObjectType, 'pack'>,
  bytes: Uint8Array,
  key: string,
): Uint8Array {
  const header = decodeHeader(bytes, key);
  if (header.type !== type)
    throw new HoldfastError('repository.corrupt', `${key} is a ${header.type} where a ${type} belongs`, {
      resource: key,
    });
  const objectHeader = bytes.subarray(0, headerLength);
  const context = { key: objectKey(keyring, header), repository: keyring.repository, kind: header.kind, objectHeader };
  const { header: group, plain } = openGroup(context, bytes.subarray(headerLength), key);
  if (group.type !== 'document')
    throw new HoldfastError('repository.corrupt', `${key} holds no document`, { resource: key });
  if (bytes.length !== headerLength + sealedLength(group))
    throw new HoldfastError('repository.corrupt', `${key} holds bytes after its end`, { resource: key });
  return type === 'mark' ? withoutSignature(keyring, objectHeader, plain, key) : plain;
}

// Writers read marks and must not be able to make any: who could would have packs deleted, or stored again and again.
const purpose = 'holdfast/v1/mark';

function withSignature(keyring: Keyring, header: Uint8Array, plain: Uint8Array): Uint8Array {
  return concatBytes([plain, signFor(purpose, authorityKey(keyring), concatBytes([header, plain]))]);
}

function withoutSignature(keyring: Keyring, header: Uint8Array, signed: Uint8Array, key: string): Uint8Array {
  const plain = signed.subarray(0, Math.max(0, signed.length - signatureLength));
  const signature = signed.subarray(plain.length);
  if (isSignedFor(purpose, authorityOf(keyring), concatBytes([header, plain]), signature)) return plain;
  throw new HoldfastError('repository.corrupt', `${key} is not signed by the authority`, { resource: key });
}
