import { createHash } from 'node:crypto';
import type { SmallObject } from '../aws/contract.ts';
import type { Bucket } from './bucket.ts';
import type { ObjectVersion } from './object-read.ts';
import { etagIsMd5, type ObjectAnswer } from './object-details.ts';

/** Larger ones stream. */
const mostBytes = 256 * 1024;

export interface WholeObject {
  readonly answer: ObjectAnswer;
  readonly content: Uint8Array;
}

/**
 * An object in one answer, without the SDK. Undefined where that is not possible, or was refused, cut off or changed on its way:
 * the SDK then asks again, and says what is wrong.
 */
export async function getSmall(bucket: Bucket, version: ObjectVersion): Promise<WholeObject | undefined> {
  // Without parts: what has parts wants to be compared with its checksum, which the SDK does.
  if (!bucket.small || version.size > mostBytes || !/^[0-9a-f]{32}$/.test(version.etag)) return undefined;
  const { key, versionId, etag } = version;
  const headers = [
    ['if-match', `"${etag}"`],
    ['x-amz-checksum-mode', 'ENABLED'],
  ] as const;
  let got: SmallObject;
  try {
    const getting = bucket.small.get({ key, headers, ...(versionId === undefined ? {} : { versionId }) });
    got = await unlessAborted(getting, bucket.signal);
  } catch {
    bucket.signal.throwIfAborted();
    return undefined;
  }
  const answer = answerOf(got);
  if (!answer || got.body.length !== version.size) return undefined;
  const isMd5 = etagIsMd5(etag, answer.ServerSideEncryption && { kind: answer.ServerSideEncryption });
  if (isMd5 && createHash('md5').update(got.body).digest('hex') !== etag) return undefined;
  return { answer, content: got.body };
}

/** A run that is stopped does not wait for an answer that may never come. */
async function unlessAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const plainNames: Readonly<Record<string, keyof ObjectAnswer>> = {
  'content-type': 'ContentType',
  'cache-control': 'CacheControl',
  'content-disposition': 'ContentDisposition',
  'content-encoding': 'ContentEncoding',
  'content-language': 'ContentLanguage',
  expires: 'ExpiresString',
  'x-amz-website-redirect-location': 'WebsiteRedirectLocation',
  'x-amz-server-side-encryption': 'ServerSideEncryption',
  'x-amz-server-side-encryption-aws-kms-key-id': 'SSEKMSKeyId',
  'x-amz-server-side-encryption-customer-algorithm': 'SSECustomerAlgorithm',
  'x-amz-object-lock-mode': 'ObjectLockMode',
  'x-amz-object-lock-legal-hold': 'ObjectLockLegalHoldStatus',
  'x-amz-checksum-crc32': 'ChecksumCRC32',
  'x-amz-checksum-crc32c': 'ChecksumCRC32C',
  'x-amz-checksum-crc64nvme': 'ChecksumCRC64NVME',
  'x-amz-checksum-sha1': 'ChecksumSHA1',
  'x-amz-checksum-sha256': 'ChecksumSHA256',
  'x-amz-checksum-type': 'ChecksumType',
};
const metadataPrefix = 'x-amz-meta-';

/** The headers of an answer as the SDK names them (S3 API reference, GetObject). Undefined for what only the SDK should read. */
export function answerOf({ headers }: Pick<SmallObject, 'headers'>): ObjectAnswer | undefined {
  const answer: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    // Headers are bytes: of other characters than ASCII each client has its own idea. Of two of a name as well.
    if (typeof value !== 'string' || /[^\x20-\x7e\t]/.test(value)) return undefined;
    const plain = plainNames[name];
    if (plain !== undefined) answer[plain] = value;
    // Of checksums that are not known here the SDK may tell.
    else if (name.startsWith('x-amz-checksum-')) return undefined;
    else if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = value;
    else if (name === 'x-amz-missing-meta') answer['MissingMeta'] = Number(value);
    else if (name === 'x-amz-tagging-count') answer['TagCount'] = Number(value);
    else if (name === 'x-amz-server-side-encryption-bucket-key-enabled') answer['BucketKeyEnabled'] = value === 'true';
    else if (name === 'x-amz-object-lock-retain-until-date') {
      const until = new Date(value);
      if (Number.isNaN(until.getTime())) return undefined;
      answer['ObjectLockRetainUntilDate'] = until;
    }
  }
  return { ...answer, Metadata: metadata } as unknown as ObjectAnswer;
}
