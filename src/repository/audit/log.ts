import { createHash } from 'node:crypto';
import { isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { decodeCbor, type CborMap } from '../format/cbor.ts';
import { asMap, choiceIn, countIn, mapIn, textIn, timeIn } from '../format/fields.ts';
import { openDocument } from '../format/document.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { AuditHead, AuditRecord } from './contract.ts';

export const auditPrefix = 'audit/';

const largestNumber = 9_999_999_999;

export interface AuditAccess {
  readonly store: ObjectStore;
  readonly keyring: Keyring;
}

/** Names count down, so that the newest record is the first of a listing: its end is found by one request. */
export function auditKey(number: number): string {
  return `${auditPrefix}${String(largestNumber - number).padStart(10, '0')}`;
}

/** Undefined for what is no name of a record. */
export function auditNumber(key: string): number | undefined {
  const name = key.slice(auditPrefix.length);
  return /^\d{10}$/.test(name) ? largestNumber - Number(name) : undefined;
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Where the log ends, and which numbers after it are taken by objects that are no records of this repository. */
export interface AuditEnd {
  readonly head: AuditHead | undefined;
  readonly foreign: ReadonlySet<number>;
}

export async function auditEnd({ store, keyring }: AuditAccess): Promise<AuditEnd> {
  const foreign = new Set<number>();
  for await (const { key } of store.list(auditPrefix)) {
    const read = await readAudit({ store, keyring }, key);
    if (read === 'gone') continue;
    if ('record' in read) return { head: { number: read.record.number, digest: read.digest }, foreign };
    const number = auditNumber(key);
    if (number !== undefined) foreign.add(number);
  }
  return { head: undefined, foreign };
}

/** A record and the digest of its object; or why the object is none. */
export type ReadAudit = { readonly record: AuditRecord; readonly digest: string } | { readonly problem: string };

export async function readAudit({ store, keyring }: AuditAccess, key: string): Promise<ReadAudit | 'gone'> {
  try {
    const bytes = await store.get(key);
    const record = openAuditRecord(keyring, bytes, key);
    if (record.number !== auditNumber(key)) return { problem: `holds record ${record.number}` };
    return { record, digest: digestOf(bytes) };
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return 'gone';
    if (isCode(error, 'repository.corrupt', 'repository.newer-format')) return { problem: error.message };
    throw error;
  }
}

/** Throws repository.corrupt and repository.newer-format. */
export function openAuditRecord(keyring: Keyring, bytes: Uint8Array, key: string): AuditRecord {
  const map: CborMap = asMap(decodeCbor(openDocument(keyring, 'audit', bytes, key), key), key);
  countIn(map, 'number', key);
  timeIn(map, 'at', key);
  const actor = mapIn(map, 'actor', key);
  for (const name of ['host', 'user']) textIn(actor, name, key);
  for (const name of ['action', 'previous']) textIn(map, name, key);
  choiceIn(map, 'phase', ['intent', 'outcome', 'done'], key);
  if (map['intent'] !== undefined) countIn(map, 'intent', key);
  mapIn(map, 'details', key);
  return map as unknown as AuditRecord;
}
