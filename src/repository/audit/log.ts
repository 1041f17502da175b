import { createHash } from 'node:crypto';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { decodeCbor, type CborMap } from '../format/cbor.ts';
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
    const record = decodeRecord(decodeCbor(openDocument(keyring, 'audit', bytes, key), key) as CborMap, key);
    if (record.number !== auditNumber(key)) return { problem: `holds record ${record.number}` };
    return { record, digest: digestOf(bytes) };
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return 'gone';
    if (isCode(error, 'repository.corrupt', 'repository.newer-format')) return { problem: error.message };
    throw error;
  }
}

function decodeRecord(map: CborMap, key: string): AuditRecord {
  const { number, at, previous } = map;
  if (typeof number !== 'number' || typeof at !== 'number' || typeof previous !== 'string')
    throw new HoldfastError('repository.corrupt', `${key} holds no audit record`, { resource: key });
  return map as unknown as AuditRecord;
}
