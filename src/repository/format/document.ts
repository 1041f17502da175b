import { HoldfastError } from '../../kernel/errors.ts';
import { concatBytes } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { PutOptions } from '../../storage/contract.ts';
import { currentEpoch, objectKey, type Keyring } from '../keys/keyring.ts';
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

/** Seals one document (index, snapshot, checkpoint) as a whole object: header and one group. */
export function sealDocument(
  keyring: Keyring,
  type: Exclude<ObjectType, 'pack'>,
  plain: Uint8Array,
  runtime: Runtime,
  policy: WritePolicy,
): Uint8Array {
  const fields: ObjectHeader = {
    ...policy,
    type,
    kind: 'metadata',
    createdAt: runtime.clock.now(),
    epoch: currentEpoch(keyring),
    salt: runtime.random.bytes(32),
  };
  const header = encodeHeader(fields);
  const context = {
    key: objectKey(keyring, fields),
    repository: keyring.repository,
    kind: 'metadata' as const,
    objectHeader: header,
  };
  const group = sealGroup(context, 'document', plain, Buffer.alloc(12), 3);
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
  return plain;
}
