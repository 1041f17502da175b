import type { Json } from '../../kernel/json.ts';
import { asText, type JsonRecord } from './json-record.ts';
import type { Connector } from '../contract.ts';

/** Changes with every write (or, for storageClass, by lifecycle rules), and no restore can bring it back. */
const volatileAttributes = ['lastModified', 'versionId', 'etag', 'storageClass', 'archived'];
/** What S3 derives from how the bytes were sent, and retention, which only ever moves forward. */
const volatileDetails = ['checksums', 'partSize', 'retention', 'missingMetadata'];

/** What drift, verify and plan compare; see README.md for why each part is left out. */
export const comparable: NonNullable<Connector['comparable']> = ({ collection, key, part }, value) => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const record = value as JsonRecord;
  if (part === 'attributes') return without(record, volatileAttributes);
  if (part === 'details') return comparableDetails(record);
  if (collection !== '') return value;
  if (key === 'scope.json') return without(record, ['complete', 'newest']);
  if (key === 'config/acl.json') return comparableAcl(record);
  if (key === 'config/tagging.json') return comparableTags(record);
  if (key === 'config/versioning.json') return comparableVersioning(record);
  return value;
};

export function without(record: JsonRecord, names: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/**
 * Encryption by S3's own keys is what objects get that ask for none (since January 2023; older ones say nothing). `Expires`
 * may hold any text, and is written as a date.
 */
function comparableDetails(details: JsonRecord): Json {
  const { encryption, expires, ...rest } = without(details, volatileDetails);
  const managed = (encryption as JsonRecord | undefined)?.['kind'] === 'AES256';
  const date = dateOf(expires);
  return {
    ...rest,
    ...(encryption === undefined || managed ? {} : { encryption }),
    ...(date === undefined ? {} : { expires: date.toISOString() }),
  };
}

/** Undefined for what is no date. */
export function dateOf(value: Json | undefined): Date | undefined {
  const date = typeof value === 'string' ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

/** The owner is whoever owns the bucket; owner ids differ from account to account. */
function comparableAcl(acl: JsonRecord): Json {
  const owner = (acl['Owner'] as JsonRecord | undefined)?.['ID'];
  const grants = ((acl['Grants'] ?? []) as readonly JsonRecord[]).map((grant) => {
    const grantee = (grant['Grantee'] ?? {}) as JsonRecord;
    const who = grantee['ID'] === owner ? { Type: 'Owner' } : without(grantee, ['DisplayName']);
    return { Permission: grant['Permission'], Grantee: who };
  });
  return { Grants: grants };
}

/** Tags that start with `aws:` belong to AWS services and cannot be written by others. */
function comparableTags(tags: JsonRecord): Json {
  const list = (tags['TagSet'] ?? []) as readonly JsonRecord[];
  return { TagSet: list.filter((tag) => !asText(tag['Key']).startsWith('aws:')) };
}

/** MFA delete takes a device to switch, so that no restore can. */
function comparableVersioning(versioning: JsonRecord): Json {
  return without(versioning, ['MFADelete']);
}
