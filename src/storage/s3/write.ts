import { createHash } from 'node:crypto';
import { asBuffer, concatBytes, hex } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { PutOptions } from '../contract.ts';
import { alreadyExists, preconditionFailed } from '../precondition.ts';
import { quoted, versionOf, type Connection } from './connection.ts';
import { fromS3, nameOf, statusOf } from './errors.ts';

/** Metadata that names one put, so that it can be recognised when its answer was lost. */
const writeIdName = 'holdfast-write';
const conflictAttempts = 12;

interface ObjectHeaders {
  readonly StorageClass?: never;
  readonly ObjectLockMode?: 'GOVERNANCE' | 'COMPLIANCE';
  readonly ObjectLockRetainUntilDate?: Date;
}

/**
 * Stores an object; returns its version. A `409 Conflict` (another conditional write of the key is in flight) is tried
 * again; `412` is settled, unless it is our own earlier attempt that is met, which its write id shows: the SDK, a proxy or
 * a caller may have repeated a put whose first answer was lost.
 */
export async function putObject(
  connection: Connection,
  key: string,
  parts: readonly Uint8Array[],
  options: PutOptions,
): Promise<string> {
  const { runtime } = connection;
  const body = parts.length === 1 && parts[0] !== undefined ? parts[0] : concatBytes(parts);
  const writeId = hex(runtime.random.bytes(16));
  for (let attempt = 1; ; attempt++) {
    try {
      const isLarge = body.length > connection.multipartAbove;
      return await (isLarge ? putInParts : putWhole)(connection, key, body, writeId, options);
    } catch (error) {
      const status = statusOf(error);
      const isConflict = status === 409 && nameOf(error) !== 'InvalidBucketState';
      if (isConflict && attempt < conflictAttempts) {
        await runtime.clock.sleep(jitter(connection, 20 * 2 ** Math.min(attempt, 6)));
        continue;
      }
      // An upload that is no more may be one whose completion was answered, and the answer lost.
      const isUploadGone = nameOf(error) === 'NoSuchUpload';
      const isSettled = status === 412 || isUploadGone || (status === 404 && options.ifMatch !== undefined);
      if (!isSettled || nameOf(error) === 'NoSuchBucket') throw fromS3(error, 'PutObject', key);
      const ours = await versionWrittenBy(connection, key, writeId);
      if (ours !== undefined) return ours;
      if (isUploadGone) throw fromS3(error, 'CompleteMultipartUpload', key);
      if (options.ifMatch === undefined) throw alreadyExists(key, error);
      throw preconditionFailed(key, status === 404 ? 'it is absent' : 'another writer changed it', error);
    }
  }
}

async function putWhole(
  connection: Connection,
  key: string,
  body: Uint8Array,
  writeId: string,
  options: PutOptions,
): Promise<string> {
  const { sdk, client, bucket, fullKey } = connection;
  const answer = await client.send(
    new sdk.PutObjectCommand({
      Bucket: bucket,
      Key: fullKey(key),
      Body: body,
      ContentLength: body.length,
      // Locked objects need the name of the algorithm as well.
      ChecksumAlgorithm: 'SHA256',
      ChecksumSHA256: sha256(body),
      Metadata: { [writeIdName]: writeId },
      ...conditions(options),
      ...headers(options),
    }),
  );
  return versionOf(answer.ETag, key);
}

async function putInParts(
  connection: Connection,
  key: string,
  body: Uint8Array,
  writeId: string,
  options: PutOptions,
): Promise<string> {
  const { sdk, client, bucket, fullKey, partSize } = connection;
  const target = { Bucket: bucket, Key: fullKey(key) };
  const created = await client.send(
    new sdk.CreateMultipartUploadCommand({
      ...target,
      ChecksumAlgorithm: 'SHA256',
      Metadata: { [writeIdName]: writeId },
      ...headers(options),
    }),
  );
  const upload = { ...target, UploadId: created.UploadId };
  const done: { PartNumber: number; ETag: string | undefined; ChecksumSHA256: string }[] = [];
  try {
    for (let number = 1; (number - 1) * partSize < body.length; number++) {
      const part = body.subarray((number - 1) * partSize, number * partSize);
      const checksum = sha256(part);
      const answer = await client.send(
        new sdk.UploadPartCommand({
          ...upload,
          PartNumber: number,
          Body: part,
          ContentLength: part.length,
          ChecksumSHA256: checksum,
        }),
      );
      done.push({ PartNumber: number, ETag: answer.ETag, ChecksumSHA256: checksum });
    }
    const answer = await client.send(
      new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: done }, ...conditions(options) }),
    );
    return versionOf(answer.ETag, key);
  } catch (error) {
    // Parts that stay are paid for. That they could not be removed must not hide why the upload failed.
    await Promise.allSettled([client.send(new sdk.AbortMultipartUploadCommand(upload))]);
    throw error;
  }
}

/** The version of the object when the put with this id wrote it. */
async function versionWrittenBy(connection: Connection, key: string, writeId: string): Promise<string | undefined> {
  const { sdk, client, bucket, fullKey } = connection;
  try {
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: fullKey(key) }));
    return head.Metadata?.[writeIdName] === writeId ? versionOf(head.ETag, key) : undefined;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw fromS3(error, 'HeadObject', key);
  }
}

function conditions(options: PutOptions): { readonly IfNoneMatch?: '*'; readonly IfMatch?: string } {
  if (options.ifMatch !== undefined) return { IfMatch: quoted(options.ifMatch) };
  return options.ifAbsent === true ? { IfNoneMatch: '*' } : {};
}

function headers(options: PutOptions): ObjectHeaders {
  const { retain, storageClass } = options;
  return {
    // The SDK lists the classes it knows; compatible stores have others.
    ...(storageClass === undefined ? {} : { StorageClass: storageClass as never }),
    ...(retain === undefined
      ? {}
      : {
          ObjectLockMode: retain.mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE',
          ObjectLockRetainUntilDate: new Date(retain.until),
        }),
  };
}

/** Refuses a lock where the bucket has none, before anything is written. */
export function checkLock(key: string, lock: boolean, options: PutOptions): void {
  if (options.retain === undefined || lock) return;
  throw new HoldfastError('storage.unsupported', `the bucket has no Object Lock, so ${key} cannot be locked`, {
    resource: key,
    hint: 'Use a bucket created with Object Lock.',
  });
}

function jitter(connection: Connection, boundMs: number): number {
  const fraction = asBuffer(connection.runtime.random.bytes(4)).readUInt32LE() / 2 ** 32;
  return Math.round(boundMs * (0.5 + fraction / 2));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
