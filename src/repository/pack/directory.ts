import type { KeyObject } from 'node:crypto';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { asBuffer, concatBytes, unhex } from '../../kernel/bytes.ts';
import type { ObjectStore, StoredObject } from '../../storage/contract.ts';
import { decodeHeader, headerLength, type ObjectHeader } from '../format/header.ts';
import { decodePackRecords, type PackRecord } from '../format/pack-directory.ts';
import type { Keyring } from '../keys/keyring.ts';
import { objectKey } from '../keys/object-key.ts';
import { openGroup } from '../keys/seal.ts';
import { trailerLength, trailerMagic } from './end.ts';

/**
 * The directory at a pack's end, out of which an index can be rebuilt. `head` is the pack's first `headerLength` bytes,
 * `tail` its last ones, directory included. Throws repository.corrupt.
 */
export function decodePackDirectory(keyring: Keyring, key: string, head: Uint8Array, tail: Uint8Array): PackRecord {
  const keyOf = (header: ObjectHeader): KeyObject => objectKey(keyring, { ...header, type: 'pack' });
  return decodeDirectoryWith(keyOf, keyring.repository, key, head, tail);
}

/** The same for a thread that was given the pack's key and has no keyring. */
export function decodeDirectoryWith(
  keyOf: (header: ObjectHeader) => KeyObject,
  repository: Uint8Array,
  key: string,
  head: Uint8Array,
  tail: Uint8Array,
): PackRecord {
  const end = tail.length - trailerLength;
  const at = end - directoryLength(key, tail.subarray(Math.max(0, end)));
  const header = decodeHeader(head, key);
  if (at < 0) throw corrupt(key, 'has an impossible directory');
  const context = {
    key: keyOf(header),
    repository,
    kind: header.kind,
    objectHeader: head.subarray(0, headerLength),
  };
  const [record] = decodePackRecords(openGroup(context, tail.subarray(at, end), key).plain, key);
  if (!record) throw corrupt(key, 'has an empty directory');
  return record;
}

function directoryLength(key: string, trailer: Uint8Array): number {
  const bytes = asBuffer(trailer);
  if (bytes.length < trailerLength || !bytes.subarray(4).equals(trailerMagic)) throw corrupt(key, 'has no end');
  return bytes.readUInt32LE(0);
}

/** Reads header, trailer and directory of a stored pack, and nothing else. */
async function readPackDirectory(store: ObjectStore, keyring: Keyring, pack: StoredObject): Promise<PackRecord> {
  const { key, size } = pack;
  if (size < headerLength + trailerLength) throw corrupt(key, 'is shorter than its header');
  const head = await store.get(key, { offset: 0, length: headerLength });
  const trailer = await store.get(key, { offset: size - trailerLength, length: trailerLength });
  const length = directoryLength(key, trailer);
  if (headerLength + length + trailerLength > size) throw corrupt(key, 'has an impossible directory');
  const directory = await store.get(key, { offset: size - trailerLength - length, length });
  const record = decodePackDirectory(keyring, key, head, concatBytes([directory, trailer]));
  return { ...record, id: unhex(key.split('/').at(-1) ?? ''), size };
}

/**
 * What a damaged index object named and no other does: the directories of all packs that `isKnown` does not know. Packs
 * that are damaged themselves are left out; verify names what is lost with them.
 */
export async function salvagePacks(
  store: ObjectStore,
  keyring: Keyring,
  isKnown: (key: string) => boolean,
): Promise<PackRecord[]> {
  const found: PackRecord[] = [];
  for (const prefix of ['data/', 'meta/']) {
    for await (const pack of store.list(prefix)) {
      if (isKnown(pack.key)) continue;
      try {
        found.push(await readPackDirectory(store, keyring, pack));
      } catch (error) {
        if (!isCode(error, ...leftOut)) throw error;
      }
    }
  }
  return found;
}

// An archived pack cannot be asked what is in it.
const leftOut = [
  'repository.corrupt',
  'repository.newer-format',
  'storage.not-found',
  'storage.truncated',
  'storage.frozen',
] as const;

function corrupt(key: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${key} ${problem}`, { resource: key });
}
