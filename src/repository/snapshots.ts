import { HoldfastError, isCode } from '../kernel/errors.ts';
import { mapOrdered } from '../kernel/concurrency.ts';
import { utf8 } from '../kernel/bytes.ts';
import type { ObjectStore, StoredObject } from '../storage/contract.ts';
import type { ResourceRecord, SnapshotInfo, SnapshotReader, SourceRecord } from './contract.ts';
import { decodeCbor, encodeCbor, type CborMap } from './format/cbor.ts';
import {
  asMap,
  asText,
  choiceIn,
  countIn,
  listIn,
  mapIn,
  optionalTexts,
  textIn,
  textsIn,
  timeIn,
} from './format/fields.ts';
import { openDocument } from './format/document.ts';
import { decodeHeader } from './format/header.ts';
import type { Keyring } from './keys/keyring.ts';
import { storedResource } from './read/captured.ts';
import type { ChunkReader } from './read/chunk-reader.ts';
import { checkFailures, decodeResource, decodeTreeRef, encodeTreeRef } from './session/record.ts';
import type { TreeRef } from './tree/page.ts';
import { findInTree, walkTree } from './tree/walk.ts';

export const snapshotPrefix = 'snapshots/';

/** What a snapshot object holds. The tree's keys are `type/name`, its values the resources. */
export interface SnapshotDocument {
  readonly info: SnapshotInfo;
  readonly sources: readonly SourceRecord[];
  /** Undefined for a snapshot without resources. */
  readonly root: TreeRef | undefined;
  /** Lease generation under which it was committed. */
  readonly generation: number;
}

export function encodeSnapshot(document: SnapshotDocument): Uint8Array {
  return encodeCbor({
    info: document.info as unknown as CborMap,
    sources: document.sources as unknown as CborMap[],
    ...(document.root ? { root: encodeTreeRef(document.root) } : {}),
    generation: document.generation,
  });
}

export async function readSnapshot(store: ObjectStore, keyring: Keyring, key: string): Promise<SnapshotDocument> {
  return openSnapshot(keyring, await store.get(key), key);
}

/** Throws repository.corrupt, also for a snapshot under another's name, and repository.newer-format. */
export function openSnapshot(keyring: Keyring, bytes: Uint8Array, key: string): SnapshotDocument {
  const map = asMap(decodeCbor(openDocument(keyring, 'snapshot', bytes, key), key), key);
  const { writer, ...said } = infoIn(mapIn(map, 'info', key), key);
  // By the header, never by a document's word for itself; but what an owner copied may say that a writer had made it.
  const byWriter = decodeHeader(bytes, key).keyMode === 'recipient' || writer === true;
  const info: SnapshotInfo = byWriter ? { ...said, writer: true } : said;
  // A copy under another name would count as a snapshot of its own.
  if (`${snapshotPrefix}${info.id}` !== key) {
    throw new HoldfastError('repository.corrupt', `${key} holds snapshot ${info.id}`, { resource: key });
  }
  return {
    info,
    sources: listIn(map, 'sources', key).map((source) => sourceIn(asMap(source, key), key)),
    root: map['root'] === undefined ? undefined : decodeTreeRef(mapIn(map, 'root', key), key),
    generation: countIn(map, 'generation', key),
  };
}

function infoIn(map: CborMap, key: string): SnapshotInfo {
  for (const name of ['id', 'estate', 'host']) textIn(map, name, key);
  for (const name of ['startedAt', 'committedAt']) timeIn(map, name, key);
  choiceIn(map, 'outcome', ['complete', 'partial'], key);
  textsIn(map, 'tags', key);
  const totals = mapIn(map, 'totals', key);
  for (const name of ['resources', 'entries', 'bytes', 'reused', 'storedBytes']) countIn(totals, name, key);
  optionalTexts(map, ['parent', 'copiedFrom', 'settles'], key);
  if (map['pendingPoints'] !== undefined) countIn(map, 'pendingPoints', key);
  return map as unknown as SnapshotInfo;
}

function sourceIn(map: CborMap, key: string): SourceRecord {
  for (const name of ['source', 'type']) textIn(map, name, key);
  optionalTexts(map, ['selection'], key);
  if (map['expected'] !== undefined) countIn(map, 'expected', key);
  for (const name of ['captured', 'partial']) countIn(map, name, key);
  checkFailures(map, 'resource', key);
  if (map['barrier'] !== undefined) checkBarrier(mapIn(map, 'barrier', key), key);
  return map as unknown as SourceRecord;
}

function checkBarrier(map: CborMap, key: string): void {
  textIn(map, 'name', key);
  choiceIn(map, 'end', ['begun', 'max-hold', 'lost', 'not-held'], key);
  for (const name of ['heldAt', 'releasedAt']) if (map[name] !== undefined) timeIn(map, name, key);
  for (const name of ['within', 'missed']) for (const one of listIn(map, name, key)) asText(one, key);
}

export interface SnapshotList {
  readonly list: readonly SnapshotInfo[];
  readonly hidden: number;
  /** Ids, ascending, of snapshots that cannot be read. */
  readonly damaged: readonly string[];
}

/** All snapshots, oldest first. Those of a newer format are counted and left alone; a damaged one hides no other. */
export async function listSnapshots(store: ObjectStore, keyring: Keyring): Promise<SnapshotList> {
  const { read, hidden, damaged } = await readSnapshots(store, keyring);
  return { list: read.map(({ document }) => document.info), hidden: hidden.length, damaged };
}

/** A snapshot as it lies in the store. */
export interface StoredSnapshot {
  readonly document: SnapshotDocument;
  readonly stored: StoredObject;
}

/**
 * Every snapshot object: what could be read, oldest first, and the ids of those of a newer format and of damaged ones. Of
 * two that were committed in the same millisecond the one under the higher generation of the lease is the later one.
 */
export async function readSnapshots(
  store: ObjectStore,
  keyring: Keyring,
): Promise<{
  readonly read: readonly StoredSnapshot[];
  readonly hidden: readonly string[];
  readonly damaged: readonly string[];
}> {
  const hidden: string[] = [];
  const damaged: string[] = [];
  const listed: StoredObject[] = [];
  for await (const stored of store.list(snapshotPrefix)) listed.push(stored);
  const results = mapOrdered(listed, 8, async (stored): Promise<StoredSnapshot | undefined> => {
    const id = stored.key.slice(snapshotPrefix.length);
    try {
      return { document: await readSnapshot(store, keyring, stored.key), stored };
    } catch (error) {
      if (isCode(error, 'repository.newer-format')) hidden.push(id);
      else if (isCode(error, 'repository.corrupt')) damaged.push(id);
      // Otherwise forgotten by somebody else between the listing and now.
      else if (!isCode(error, 'storage.not-found')) throw error;
      return undefined;
    }
  });
  const read: StoredSnapshot[] = [];
  for await (const result of results) if (result) read.push(result);
  read.sort(({ document: a }, { document: b }) => {
    const inTime = a.info.committedAt - b.info.committedAt || a.generation - b.generation;
    return inTime || (a.info.id < b.info.id ? -1 : 1);
  });
  return { read, hidden: hidden.sort(), damaged: damaged.sort() };
}

/**
 * `SNAP` to a snapshot: id prefix, `latest`, `latest~N`, or a time (the newest at or before it). `damaged` are the ids of
 * snapshots that cannot be read: rather than give an older one in their place, it throws repository.corrupt.
 */
export function findSnapshot(
  list: readonly SnapshotInfo[],
  reference: string,
  damaged: readonly string[] = [],
): SnapshotInfo {
  const back = /^latest(?:~(\d+))?$/.exec(reference);
  if (back) {
    const info = list[list.length - 1 - Number(back[1] ?? 0)];
    refuseDoubt(damaged, reference, info);
    if (info) return info;
    throw new HoldfastError(
      'snapshot.not-found',
      `there is no ${reference}: the repository holds ${list.length} snapshots`,
    );
  }
  if (/^[0-9a-f]{4,32}$/.test(reference)) {
    const matches = list.filter(({ id }) => id.startsWith(reference));
    const unreadable = damaged.filter((id) => id.startsWith(reference));
    if (matches.length + unreadable.length > 1)
      throw new HoldfastError(
        'snapshot.ambiguous',
        `${matches.length + unreadable.length} snapshots begin with ${reference}`,
      );
    if (matches[0]) return matches[0];
    if (unreadable[0]) throw unreadableSnapshot(unreadable[0], `snapshot ${unreadable[0]} is damaged`);
  }
  const time = /^\d{4}-\d\d-\d\d/.test(reference) ? Date.parse(reference) : Number.NaN;
  if (!Number.isNaN(time)) {
    const info = list.filter((one) => one.committedAt <= time).at(-1);
    refuseDoubt(
      damaged.filter((id) => committedAt(id) <= time),
      reference,
      info,
    );
    if (info) return info;
    throw new HoldfastError('snapshot.not-found', `no snapshot was committed at or before ${reference}`);
  }
  throw new HoldfastError('snapshot.not-found', `no snapshot is called ${reference}`, {
    hint: 'Use an id or its beginning, latest, latest~2, or a time such as 2026-11-20T02:00Z.',
  });
}

/** A damaged snapshot newer than the one found may be the one that is meant. */
function refuseDoubt(damaged: readonly string[], reference: string, info: SnapshotInfo | undefined): void {
  const newer = damaged.findLast((id) => !info || committedAt(id) >= info.committedAt);
  if (newer === undefined) return;
  const readable = info ? `the newest before it that can be read is ${info.id}` : 'none before it can be read';
  throw unreadableSnapshot(newer, `${reference} may be snapshot ${newer}, which is damaged; ${readable}`);
}

function unreadableSnapshot(id: string, message: string): HoldfastError {
  return new HoldfastError('repository.corrupt', message, {
    resource: `${snapshotPrefix}${id}`,
    hint: 'Name a snapshot by its id; list them with holdfast snapshots.',
  });
}

/** Milliseconds since the epoch: ids begin with the time of the commit (newId). */
function committedAt(id: string): number {
  return Number.parseInt(id.slice(0, 12), 16);
}

export function snapshotReader(chunks: ChunkReader, document: SnapshotDocument): SnapshotReader {
  const load = (id: Uint8Array): Promise<Uint8Array> => chunks.chunk('metadata', id);
  return {
    info: document.info,
    sources: document.sources,
    async *resources(prefix) {
      for await (const page of walkTree(load, document.root, prefix === undefined ? {} : { prefix: utf8(prefix) })) {
        for (const { value } of page) yield resourceRecord(value);
      }
    },
    async resource(key) {
      const value = await findInTree(load, document.root, utf8(key));
      if (value === undefined) return undefined;
      const { record, roots } = decodeResource(value);
      return storedResource(chunks, record, roots);
    },
  };
}

function resourceRecord(value: Uint8Array): ResourceRecord {
  return decodeResource(value).record;
}
