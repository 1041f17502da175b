import { asBuffer, hex } from '../../kernel/bytes.ts';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { isCode } from '../../kernel/errors.ts';
import { newId } from '../../kernel/runtime.ts';
import type { LockMode, ObjectLock } from '../../storage/contract.ts';
import { decodeCbor, encodeCbor, type CborMap } from '../format/cbor.ts';
import { asMap, asText, bytesIn, choiceIn, listIn, timeIn } from '../format/fields.ts';
import { openDocument, plainPolicy, sealDocument } from '../format/document.ts';
import type { Keyring } from '../keys/keyring.ts';
import { packKey } from '../pack/writer.ts';
import { removeQuietly } from '../session/lease.ts';
import type { RepositoryState } from '../state.ts';

const lockPrefix = 'locks/';

/** What is known of objects' locks without asking the store: key → lock, the longest that was read back. */
export type KnownLocks = Map<string, ObjectLock>;

type Access = Pick<RepositoryState, 'store' | 'keyring' | 'runtime'>;

// Each run leaves some, and all are read by the next.
const fewestMerged = 16;
const idLength = 32;

/**
 * Reads the records of earlier extensions. They only save asking: one that is missing or damaged costs requests, and one
 * that was put back from earlier says less than holds.
 */
export async function readLockRecords(
  access: Access,
): Promise<{ readonly known: KnownLocks; readonly keys: string[] }> {
  const keys: string[] = [];
  for await (const { key } of access.store.list(lockPrefix)) keys.push(key);
  const known: KnownLocks = new Map();
  const read = mapOrdered(keys, 8, async (key) => await readRecord(access, key));
  for await (const groups of read)
    for (const { lock, objects } of groups) for (const key of objects) note(known, key, lock);
  return { known, keys };
}

/** When a record was made: ids begin with their time. 0 for none. */
export function recordedAt(key: string | undefined): number {
  return key === undefined ? 0 : Number.parseInt(key.slice(lockPrefix.length, lockPrefix.length + 12), 16);
}

export function note(known: KnownLocks, key: string, lock: ObjectLock): void {
  const before = known.get(key);
  if (before === undefined || before.until < lock.until) known.set(key, lock);
}

/** Stores what was read back of some objects' locks. */
export async function writeLockRecord(access: Access, locks: ReadonlyMap<string, ObjectLock>): Promise<string> {
  const { store, keyring, runtime } = access;
  const key = `${lockPrefix}${hex(newId(runtime))}`;
  const plain = encodeCbor({ at: runtime.clock.now(), groups: groupsOf(locks) });
  await store.put(key, [sealDocument(keyring, 'lock', plain, runtime, plainPolicy)], { ifAbsent: true });
  return key;
}

/**
 * One record in the place of many, when there are twice as many as the last time: where they cannot be deleted they stay,
 * and the work must not grow with each run. Objects that are gone and locks that have ended are left out.
 */
export async function mergeLockRecords(
  access: Access,
  known: KnownLocks,
  before: readonly string[],
  added: readonly string[],
  isNeeded: (key: string) => boolean,
): Promise<void> {
  const keys = [...before, ...added];
  const isDue = Math.floor(Math.log2(keys.length)) > Math.floor(Math.log2(before.length));
  if (keys.length < fewestMerged || !isDue) return;
  const now = access.runtime.clock.now();
  const kept = new Map([...known].filter(([key, { until }]) => until > now && isNeeded(key)));
  await writeLockRecord(access, kept);
  for (const key of keys) if (!(await removeQuietly(access.store, key))) return;
}

export interface LockGroup {
  readonly lock: ObjectLock;
  readonly objects: readonly string[];
}

async function readRecord({ store, keyring }: Access, key: string): Promise<LockGroup[]> {
  try {
    return openLockRecord(keyring, await store.get(key), key);
  } catch (error) {
    if (isCode(error, 'storage.not-found', 'repository.corrupt', 'repository.newer-format')) return [];
    throw error;
  }
}

/** Throws repository.corrupt and repository.newer-format. */
export function openLockRecord(keyring: Keyring, bytes: Uint8Array, key: string): LockGroup[] {
  const map = asMap(decodeCbor(openDocument(keyring, 'lock', bytes, key), key), key);
  return listIn(map, 'groups', key).map((group) => decodeGroup(asMap(group, key), key));
}

const packName = /^(data|meta)\/[0-9a-f]{2}\/([0-9a-f]{64})$/;

/** Packs by their 32 bytes, everything else by its key. */
function groupsOf(locks: ReadonlyMap<string, ObjectLock>): CborMap[] {
  const groups = new Map<string, { lock: ObjectLock; data: Buffer[]; meta: Buffer[]; others: string[] }>();
  for (const [key, lock] of locks) {
    const name = `${lock.mode} ${lock.until}`;
    const group = groups.get(name) ?? { lock, data: [], meta: [], others: [] };
    groups.set(name, group);
    const [, kind, id] = packName.exec(key) ?? [];
    if (id === undefined) group.others.push(key);
    else group[kind === 'data' ? 'data' : 'meta'].push(Buffer.from(id, 'hex'));
  }
  return [...groups.values()].map(({ lock, data, meta, others }) => ({
    until: lock.until,
    mode: lock.mode,
    data: Uint8Array.from(Buffer.concat(data)),
    meta: Uint8Array.from(Buffer.concat(meta)),
    others,
  }));
}

function decodeGroup(map: CborMap, key: string): LockGroup {
  const mode: LockMode = choiceIn(map, 'mode', ['governance', 'compliance'], key);
  const lock = { until: timeIn(map, 'until', key), mode };
  const packs = (kind: 'data' | 'metadata', ids: Uint8Array): string[] => {
    const keys: string[] = [];
    for (let at = 0; at < ids.length; at += idLength)
      keys.push(packKey(kind, asBuffer(ids).subarray(at, at + idLength)));
    return keys;
  };
  return {
    lock,
    objects: [
      ...packs('data', bytesIn(map, 'data', key, idLength)),
      ...packs('metadata', bytesIn(map, 'meta', key, idLength)),
      ...listIn(map, 'others', key).map((other) => asText(other, key)),
    ],
  };
}
