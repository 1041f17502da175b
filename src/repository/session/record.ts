import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { idLength } from '../chunks/id.ts';
import type { ResourceRecord } from '../contract.ts';
import { decodeCbor, encodeCbor, type CborMap } from '../format/cbor.ts';
import {
  asMap,
  bytesIn,
  choiceIn,
  countIn,
  listIn,
  mapIn,
  optionalTexts,
  textIn,
  textsIn,
  timeIn,
} from '../format/fields.ts';
import type { TreeRef } from '../tree/page.ts';

// One byte of a page says its level.
const highestLevel = 255;

/** Collection name → root of its tree. */
export type Roots = ReadonlyMap<string, TreeRef>;

/** Value of a snapshot's tree under `type/name`: the record and the roots of the resource's collections. */
export function encodeResource(record: ResourceRecord, roots: Roots): Uint8Array {
  return encodeCbor({ record: record as unknown as CborMap, roots: encodeRoots(roots) });
}

/** Throws repository.corrupt. */
export function decodeResource(value: Uint8Array): { readonly record: ResourceRecord; readonly roots: Roots } {
  return resourceIn(asMap(decodeCbor(value, 'a resource'), 'a resource'), 'a resource');
}

/** The same where it lies in another document. Throws repository.corrupt, naming `what`. */
export function resourceIn(map: CborMap, what: string): { readonly record: ResourceRecord; readonly roots: Roots } {
  const record = mapIn(map, 'record', what);
  checkRecord(record, what);
  return { record: record as unknown as ResourceRecord, roots: decodeRoots(mapIn(map, 'roots', what), what) };
}

function checkRecord(record: CborMap, what: string): void {
  const ref = mapIn(record, 'ref', what);
  for (const key of ['type', 'name', 'id', 'region', 'account']) textIn(ref, key, what);
  textsIn(record, 'tags', what);
  optionalTexts(record, ['site', 'environment'], what);
  for (const key of ['source', 'checksum']) textIn(record, key, what);
  for (const key of ['startedAt', 'finishedAt']) timeIn(record, key, what);
  choiceIn(record, 'outcome', ['complete', 'partial'], what);
  for (const key of ['entries', 'bytes', 'reused', 'failed']) countIn(record, key, what);
  for (const one of listIn(record, 'ledger', what)) {
    const note = asMap(one, what);
    for (const key of ['class', 'what', 'why', 'action']) textIn(note, key, what);
    if (note['count'] !== undefined) countIn(note, 'count', what);
  }
  checkFailures(record, 'item', what);
  if (record['points'] !== undefined)
    for (const one of listIn(record, 'points', what)) checkPoint(asMap(one, what), what);
  if (record['moment'] !== undefined) checkMoment(mapIn(record, 'moment', what), what);
}

function checkMoment(moment: CborMap, what: string): void {
  choiceIn(moment, 'kind', ['instant', 'interval'], what);
  choiceIn(moment, 'clock', ['server', 'machine'], what);
  for (const key of ['from', 'to']) timeIn(moment, key, what);
  if (moment['seenAt'] !== undefined) timeIn(moment, 'seenAt', what);
  optionalTexts(moment, ['position'], what);
}

function checkPoint(point: CborMap, what: string): void {
  for (const key of ['kind', 'id', 'name', 'region']) textIn(point, key, what);
  choiceIn(point, 'state', ['pending', 'available', 'failed', 'gone'], what);
  optionalTexts(point, ['run', 'copyOf', 'kmsKey', 'reason'], what);
  for (const key of ['startedAt', 'completedAt', 'at', 'expiresAt'])
    if (point[key] !== undefined) timeIn(point, key, what);
  for (const key of ['bytes', 'percent']) if (point[key] !== undefined) countIn(point, key, what);
}

/** Failures as resources and sources name them; `about` is the key of what each is about. */
export function checkFailures(map: CborMap, about: string, what: string): void {
  for (const one of listIn(map, 'failures', what)) {
    const failure = asMap(one, what);
    for (const key of ['code', 'message']) textIn(failure, key, what);
    optionalTexts(failure, [about], what);
  }
}

export function encodeRoots(roots: Roots): CborMap {
  return Object.fromEntries([...roots].map(([name, ref]) => [name, encodeTreeRef(ref)]));
}

export function decodeRoots(map: CborMap, what: string): Roots {
  return new Map(Object.entries(map).map(([name, ref]) => [name, decodeTreeRef(asMap(ref, what), what)]));
}

export function encodeTreeRef(ref: TreeRef): CborMap {
  return { id: ref.id, level: ref.level, entries: ref.entries, bytes: ref.bytes };
}

export function decodeTreeRef(map: CborMap, what: string): TreeRef {
  const id = bytesIn(map, 'id', what);
  const level = countIn(map, 'level', what);
  if (id.length !== idLength || level > highestLevel)
    throw new HoldfastError('repository.corrupt', `${what} names a tree that cannot be there`);
  return { id: Uint8Array.from(id), level, entries: countIn(map, 'entries', what), bytes: countIn(map, 'bytes', what) };
}

/** Hex digest over the collections' names and roots: equal checksums mean equal entries. */
export function checksumOf(roots: Roots): string {
  const digest = createHash('sha256');
  for (const name of [...roots.keys()].sort()) digest.update(encodeCbor([name, roots.get(name)?.id ?? null]));
  return digest.digest('hex');
}
