import { emptyBytes, hex } from '../../kernel/bytes.ts';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { createCollector } from '../engine/collect.ts';
import { openDocument, putOptions, sealDocument, type WritePolicy } from '../format/document.ts';
import { encodePackRecords, packRecordsIn, type PackRecord } from '../format/pack-directory.ts';
import { decodeHeader } from '../format/header.ts';
import type { Keyring } from '../keys/keyring.ts';
import { writerOf } from '../keys/object-key.ts';
import { newId, type Runtime } from '../../kernel/runtime.ts';
import { refreshMarks, type MarkedRepository } from '../marks/read.ts';
import type { LocationIndex } from './locations.ts';

export const indexPrefix = 'index/';

// Each is some MiB of memory while it is read.
const objectsAtOnce = 4;
const slightlyMore = 1.03;
// The columns that stay are made in between: what lies around them when it becomes free does not go back to the system.
const collectEvery = 8 * 1024 * 1024;

export interface IndexObjects {
  readonly store: ObjectStore;
  readonly keyring: Keyring;
  readonly index: LocationIndex;
  readonly indexesRead: Set<string>;
  /** Key → what is wrong with it. */
  readonly indexesDamaged: Map<string, string>;
}

/**
 * Reads the index objects that are new since the last time, or with `again` all of them. What a newer version wrote is
 * passed over; what is damaged is noted, so that everything other indexes name can still be read. An object that a pruner
 * merged away between listing and reading makes it list again: what it named is in another one.
 */
export async function refreshIndex(objects: IndexObjects, again = false): Promise<void> {
  const { store, keyring, index, indexesRead, indexesDamaged } = objects;
  const collector = createCollector(collectEvery);
  const done = again ? new Set<string>() : indexesRead;
  for (;;) {
    const fresh: string[] = [];
    let bytesLeft = 0;
    for await (const { key, size } of store.list(indexPrefix)) {
      if (done.has(key)) continue;
      fresh.push(key);
      bytesLeft += size;
    }
    let isComplete = true;
    let isFirst = true;
    // What owners say comes first: of two that name one pack the first is believed.
    const byWriters: PackRecord[] = [];
    const fetched = mapOrdered(fresh, objectsAtOnce, async (key) => ({ key, bytes: await getUnlessGone(store, key) }));
    for await (const { key, bytes } of fetched) {
      if (!bytes) {
        isComplete = false;
        continue;
      }
      done.add(key);
      indexesRead.add(key);
      try {
        const packs = isFirst ? readIndex(keyring, bytes, key) : packsNamedBy(keyring, bytes, key);
        // What is still to come is taken to be like the first one: the table gets its size at once and wastes none.
        if (isFirst && !again) index.expect(Math.round((countChunks(packs) / bytes.length) * bytesLeft * slightlyMore));
        isFirst = false;
        for (const pack of packs) {
          if (pack.keyMode === 'epoch') index.add(pack, again);
          else byWriters.push(pack);
        }
      } catch (error) {
        if (isCode(error, 'repository.corrupt')) indexesDamaged.set(key, error.message);
        else if (!isCode(error, 'repository.newer-format', 'repository.write-only')) throw error;
      }
      // The object, its compressed and its plain text.
      collector.produced(bytes.length * 3);
    }
    for (const pack of byWriters) index.add(pack, again);
    index.expect(0);
    if (isComplete) return;
  }
}

/**
 * Marks first, then the index (law): what is read here as live stays, unless a mark is made later. Copies of chunks whose
 * pack was found marked are looked for in all index objects.
 */
export async function refreshLocations(objects: IndexObjects & MarkedRepository): Promise<void> {
  const hasFallen = await refreshMarks(objects);
  await refreshIndex(objects, hasFallen);
}

/**
 * The packs an index object names. Owners name their own, and each writer its own: whoever holds a writer's key could
 * otherwise say of others' packs that they hold something else. Throws repository.corrupt where one does.
 */
export function readIndex(keyring: Keyring, bytes: Uint8Array, key: string): PackRecord[] {
  return [...packsNamedBy(keyring, bytes, key)];
}

/** The same one at a time; throws at the first that it may not name, when those before it were taken: they are its own. */
function* packsNamedBy(keyring: Keyring, bytes: Uint8Array, key: string): Generator<PackRecord> {
  const { keyMode, salt } = decodeHeader(bytes, key);
  const writer = keyMode === 'writer' ? hex(writerOf(salt)) : '';
  for (const pack of packRecordsIn(openDocument(keyring, 'index', bytes, key), key)) {
    if (hex(pack.writer ?? emptyBytes) !== writer)
      throw new HoldfastError('repository.corrupt', `${key} names packs of others`, { resource: key });
    yield pack;
  }
}

/**
 * Stores an index object that names these packs, which must be in the store already (law: packs, then index); one more for
 * each writer whose packs are among them. Returns their size.
 */
export async function writeIndex(
  objects: IndexObjects,
  runtime: Runtime,
  packs: readonly PackRecord[],
  policy: WritePolicy,
): Promise<number> {
  const stored = await storeIndexObjects(objects, runtime, packs, policy);
  return stored.reduce((sum, { size }) => sum + size, 0);
}

/** The same; returns key and size of each. */
export async function storeIndexObjects(
  objects: IndexObjects,
  runtime: Runtime,
  packs: readonly PackRecord[],
  policy: WritePolicy,
): Promise<readonly { readonly key: string; readonly size: number }[]> {
  const byWriter = new Map<string, PackRecord[]>();
  for (const pack of packs) {
    const name = hex(pack.writer ?? emptyBytes);
    const own = byWriter.get(name);
    if (own) own.push(pack);
    else byWriter.set(name, [pack]);
  }
  const stored: { key: string; size: number }[] = [];
  for (const own of byWriter.values()) {
    const key = `${indexPrefix}${hex(newId(runtime))}`;
    const bytes = sealDocument(objects.keyring, 'index', encodePackRecords(own), runtime, policy, own[0]?.writer);
    await objects.store.put(key, [bytes], { ifAbsent: true, ...putOptions(policy, 'metadata') });
    objects.indexesRead.add(key);
    stored.push({ key, size: bytes.length });
  }
  return stored;
}

function countChunks(packs: Iterable<PackRecord>): number {
  let chunks = 0;
  for (const { groups } of packs) for (const { chunkCount } of groups) chunks += chunkCount;
  return chunks;
}

/** Undefined when a pruner merged it away between the listing and now; what it held is in a later one. */
async function getUnlessGone(store: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return undefined;
    throw error;
  }
}
