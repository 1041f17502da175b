import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { PutOptions } from '../contract.ts';
import { attempts } from '../decorators/retry.ts';
import { quoted, versionOf, type Connection } from './connection.ts';
import { fromS3 } from './errors.ts';
import { checksumHeader, writeIdName } from './headers.ts';
import { headerOf } from './lean/answer-error.ts';
import { sha256Hex } from './lean/client.ts';

const partsAtOnce = 4;
/** Of one part, whose loss would cost all the others. */
const partAttempts = 4;

interface ObjectSettings {
  readonly StorageClass?: never;
  readonly ObjectLockMode?: 'GOVERNANCE' | 'COMPLIANCE';
  readonly ObjectLockRetainUntilDate?: Date;
}

interface DonePart {
  readonly PartNumber: number;
  readonly ETag: string;
  readonly ChecksumSHA256?: string;
  readonly ChecksumCRC32?: string;
}

/** Stores a large object in parts, some at a time; conditions are decided when they are put together. */
export async function putInParts(
  connection: Connection,
  key: string,
  body: Uint8Array,
  writeId: string,
  options: PutOptions,
): Promise<string> {
  const { sdk, client, lean, bucket, fullKey, partSize } = connection;
  const target = { Bucket: bucket, Key: fullKey(key) };
  const created = await client.send(
    new sdk.CreateMultipartUploadCommand({
      ...target,
      ChecksumAlgorithm: lean.secure ? 'CRC32' : 'SHA256',
      Metadata: { [writeIdName]: writeId },
      ...settingsOf(options),
    }),
  );
  const upload = { ...target, UploadId: created.UploadId ?? '' };
  const numbers = Array.from({ length: Math.ceil(body.length / partSize) }, (_, i) => i + 1);
  const done: DonePart[] = [];
  try {
    await forEachConcurrent(numbers, partsAtOnce, async (number) => {
      const part = body.subarray((number - 1) * partSize, number * partSize);
      done[number - 1] = await attempts(
        { runtime: connection.runtime, attempts: partAttempts },
        { method: 'put', key },
        () => putPart(connection, key, upload.UploadId, number, part),
      );
    });
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

async function putPart(
  { lean, fullKey }: Connection,
  key: string,
  uploadId: string,
  number: number,
  body: Uint8Array,
): Promise<DonePart> {
  const sha256 = lean.secure ? undefined : sha256Hex(body);
  const checksum = checksumHeader(body, sha256);
  const [, sum] = checksum;
  try {
    const answer = await lean.send({
      method: 'PUT',
      key: fullKey(key),
      query: [
        ['partNumber', String(number)],
        ['uploadId', uploadId],
      ],
      headers: [checksum],
      body,
      ...(sha256 === undefined ? {} : { sha256 }),
    });
    const ETag = quoted(versionOf(headerOf(answer, 'etag'), key));
    return { PartNumber: number, ETag, ...(sha256 === undefined ? { ChecksumCRC32: sum } : { ChecksumSHA256: sum }) };
  } catch (error) {
    throw fromS3(error, `UploadPart ${number}`, key);
  }
}

function conditions(options: PutOptions): { readonly IfNoneMatch?: '*'; readonly IfMatch?: string } {
  if (options.ifMatch !== undefined) return { IfMatch: quoted(options.ifMatch) };
  return options.ifAbsent === true ? { IfNoneMatch: '*' } : {};
}

function settingsOf(options: PutOptions): ObjectSettings {
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
