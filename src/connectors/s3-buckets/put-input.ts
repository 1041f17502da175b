import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { CapturedEntry } from '../../kernel/entry.ts';
import { dateOf } from './comparable.ts';
import { asText, type JsonRecord } from './json-record.ts';

/** Everything about an object that PutObject and CreateMultipartUpload take alike, from a captured entry. */
export type ObjectHeaders = Omit<PutObjectCommandInput, 'Body' | 'Bucket' | 'Key'>;

export interface HeaderSettings {
  /** Milliseconds since the epoch: a retention date that has passed cannot be set again. */
  readonly now: number;
  /** Old identity → new identity, for the KMS key. */
  identity(old: string): string;
}

export function headersOf(
  entry: Pick<CapturedEntry, 'details' | 'attributes'>,
  settings: HeaderSettings,
): ObjectHeaders {
  const { details, attributes } = entry;
  const retention = details['retention'] as JsonRecord | undefined;
  const until = retention?.['until'] === undefined ? undefined : new Date(asText(retention['until']));
  const headers: Record<string, unknown> = {
    ContentType: details['contentType'],
    CacheControl: details['cacheControl'],
    ContentDisposition: details['contentDisposition'],
    ContentEncoding: details['contentEncoding'],
    ContentLanguage: details['contentLanguage'],
    Expires: dateOf(details['expires']),
    WebsiteRedirectLocation: details['websiteRedirectLocation'],
    Metadata: details['metadata'],
    Tagging: taggingOf(details['tags'] as Readonly<Record<string, string>> | undefined),
    StorageClass: attributes['storageClass'] === 'STANDARD' ? undefined : attributes['storageClass'],
    ObjectLockLegalHoldStatus: details['legalHold'] === true ? 'ON' : undefined,
    ...(until !== undefined && until.getTime() > settings.now
      ? { ObjectLockMode: retention?.['mode'], ObjectLockRetainUntilDate: until }
      : {}),
    ...encryptionOf(details['encryption'] as JsonRecord | undefined, settings),
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as ObjectHeaders;
}

/** The checksums the object was captured with: S3 checks what arrives against them. Only for whole uploads. */
export function checksumsOf(entry: CapturedEntry): Partial<PutObjectCommandInput> {
  const sums = entry.details['checksums'] as JsonRecord | undefined;
  if (sums === undefined || sums['type'] === 'COMPOSITE' || asText(entry.attributes['etag']).includes('-')) return {};
  const named = Object.entries(sums).filter(([name, value]) => name !== 'type' && typeof value === 'string');
  return Object.fromEntries(named.map(([name, value]) => [`Checksum${name}`, value]));
}

function encryptionOf(encryption: JsonRecord | undefined, settings: HeaderSettings): Partial<ObjectHeaders> {
  const kind = encryption?.['kind'];
  if (kind === undefined || kind === 'SSE-C') return {};
  const key = encryption?.['key'];
  return {
    ServerSideEncryption: kind as 'AES256',
    ...(key === undefined ? {} : { SSEKMSKeyId: settings.identity(asText(key)) }),
    ...(encryption?.['bucketKey'] === true ? { BucketKeyEnabled: true } : {}),
  };
}

function taggingOf(tags: Readonly<Record<string, string>> | undefined): string | undefined {
  if (tags === undefined) return undefined;
  return Object.entries(tags)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
}
