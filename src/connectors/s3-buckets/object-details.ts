import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Attributes } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import type { JsonRecord } from './json-record.ts';

export type ObjectAnswer = GetObjectCommandOutput | HeadObjectCommandOutput;

/** What an object carries besides its bytes, from a GetObject or HeadObject answer; absent where it is not set. */
export function detailsOf(
  answer: ObjectAnswer,
  extra: { readonly tags?: Readonly<Record<string, string>>; readonly partSize?: number; readonly acl?: Json },
): Attributes {
  const details: Record<string, Json | undefined> = {
    contentType: answer.ContentType,
    cacheControl: answer.CacheControl,
    contentDisposition: answer.ContentDisposition,
    contentEncoding: contentEncoding(answer.ContentEncoding),
    contentLanguage: answer.ContentLanguage,
    expires: answer.ExpiresString,
    websiteRedirectLocation: answer.WebsiteRedirectLocation,
    metadata: filled(answer.Metadata),
    missingMetadata: answer.MissingMeta === 0 ? undefined : answer.MissingMeta,
    tags: filled(extra.tags),
    acl: extra.acl,
    checksums: checksumsOf(answer),
    partSize: extra.partSize,
    encryption: encryptionOf(answer),
    retention:
      answer.ObjectLockMode === undefined
        ? undefined
        : { mode: answer.ObjectLockMode, until: answer.ObjectLockRetainUntilDate?.toISOString() },
    legalHold: answer.ObjectLockLegalHoldStatus === 'ON' ? true : undefined,
  };
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as Attributes;
}

/** True when S3 makes the ETag from the plain MD5 of the bytes: one part, and neither KMS nor a customer's key. */
export function etagIsMd5(etag: string, encryption: Json | undefined): boolean {
  const kind = (encryption as JsonRecord | undefined)?.['kind'];
  return /^[0-9a-f]{32}$/.test(etag) && (kind === undefined || kind === 'AES256');
}

function encryptionOf(answer: ObjectAnswer): Json | undefined {
  if (answer.SSECustomerAlgorithm !== undefined) return { kind: 'SSE-C' };
  if (answer.ServerSideEncryption === undefined) return undefined;
  return {
    kind: answer.ServerSideEncryption,
    key: answer.SSEKMSKeyId,
    bucketKey: answer.BucketKeyEnabled === true ? true : undefined,
  };
}

/** Some writers leave the coding of their own upload behind; it says nothing about the bytes. */
function contentEncoding(value: string | undefined): string | undefined {
  const codings = (value ?? '').split(',').map((coding) => coding.trim());
  const kept = codings.filter((coding) => coding !== '' && coding !== 'aws-chunked').join(', ');
  return kept === '' ? undefined : kept;
}

/** `{ CRC64NVME: '…', type: 'FULL_OBJECT' }`: the members of the answer called Checksum…. */
function checksumsOf(answer: ObjectAnswer): Json | undefined {
  const found = Object.entries(answer).filter(
    ([name, value]) => name.startsWith('Checksum') && name !== 'ChecksumType' && value !== undefined,
  );
  if (found.length === 0) return undefined;
  const sums = Object.fromEntries(found.map(([name, value]) => [name.slice('Checksum'.length), String(value)]));
  return { ...sums, type: answer.ChecksumType };
}

function filled(record: Readonly<Record<string, string>> | undefined): Json | undefined {
  return record === undefined || Object.keys(record).length === 0 ? undefined : record;
}
