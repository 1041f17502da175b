import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { emptyBytes } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { classOf } from '../archive.ts';
import type { ByteRange, StoredObject } from '../contract.ts';
import { checkRange, truncated } from '../ranges.ts';
import { quoted, versionOf, type Connection } from './connection.ts';
import { fromS3, statusOf } from './errors.ts';

/** Answers that end early are taken up again where they ended, this often. */
const resumes = 3;

export async function statObject(connection: Connection, key: string): Promise<StoredObject | undefined> {
  const { sdk, client, bucket, fullKey } = connection;
  try {
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: fullKey(key) }));
    return {
      key,
      size: head.ContentLength ?? 0,
      version: versionOf(head.ETag, key),
      modifiedAt: head.LastModified?.getTime() ?? 0,
      ...classOf(head.StorageClass),
    };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw fromS3(error, 'HeadObject', key);
  }
}

/** The bytes asked for, all from one version of the object. */
export async function getObject(connection: Connection, key: string, range?: ByteRange): Promise<Uint8Array> {
  if (range?.length === 0) {
    // HTTP has no empty range.
    const stored = await statObject(connection, key);
    if (stored === undefined) throw new HoldfastError('storage.not-found', `no object ${key}`, { resource: key });
    checkRange(key, range, stored.size);
    return emptyBytes;
  }
  if (range !== undefined) checkRange(key, range, Number.MAX_SAFE_INTEGER);
  for (let attempt = 0; ; attempt++) {
    try {
      return await readOneVersion(connection, key, range);
    } catch (error) {
      // It was overwritten between the beginning and the resumed rest.
      if (attempt >= resumes || !isCode(error, 'storage.precondition')) throw error;
    }
  }
}

async function readOneVersion(connection: Connection, key: string, range?: ByteRange): Promise<Uint8Array> {
  const first = await request(connection, key, range?.offset ?? 0, range && range.offset + range.length);
  const size = totalSize(first);
  if (range !== undefined) checkRange(key, range, size);
  const start = range?.offset ?? 0;
  const length = range?.length ?? size;
  const bytes = new Uint8Array(length);
  let filled = 0;
  let answer = first;
  for (let resumed = 0; ; resumed++) {
    // A store that ignores Range sends the object from its beginning.
    const skip = answer.ContentRange === undefined ? start + filled : 0;
    filled += await readBody(answer, bytes, filled, skip);
    if (filled === length) return bytes;
    if (resumed >= resumes) throw truncated(key, `the answer ended after ${filled} of ${length} bytes`);
    answer = await request(connection, key, start + filled, start + length, first.ETag);
  }
}

async function request(
  connection: Connection,
  key: string,
  from: number,
  to: number | undefined,
  etag?: string,
): Promise<GetObjectCommandOutput> {
  const { sdk, client, bucket, fullKey } = connection;
  const whole = from === 0 && to === undefined;
  try {
    return await client.send(
      new sdk.GetObjectCommand({
        Bucket: bucket,
        Key: fullKey(key),
        ...(whole ? {} : { Range: `bytes=${from}-${to === undefined ? '' : to - 1}` }),
        ...(etag === undefined ? {} : { IfMatch: quoted(versionOf(etag, key)) }),
      }),
    );
  } catch (error) {
    throw fromS3(error, 'GetObject', key);
  }
}

/** Copies what the answer brings, after `skip` bytes, to `bytes` from `at` on; returns how much it was. */
async function readBody(answer: GetObjectCommandOutput, bytes: Uint8Array, at: number, skip: number): Promise<number> {
  const body = answer.Body as AsyncIterable<Uint8Array> | undefined;
  if (body === undefined) return 0;
  let toSkip = skip;
  let filled = at;
  try {
    for await (const received of body) {
      const chunk = received.subarray(Math.min(toSkip, received.length));
      toSkip -= received.length - chunk.length;
      const fitting = chunk.subarray(0, bytes.length - filled);
      bytes.set(fitting, filled);
      filled += fitting.length;
      if (filled === bytes.length) break;
    }
  } catch (error) {
    // A connection cut in the middle is a short answer: the caller asks for the rest. Anything else is not ours to judge.
    if (!isCut(error)) throw error;
  }
  return filled - at;
}

function isCut(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { readonly code?: string; readonly name?: string };
  return /^(ECONN|EPIPE|ERR_STREAM|ETIMEDOUT|HPE_)/.test(code ?? '') || name === 'TimeoutError';
}

function totalSize(answer: GetObjectCommandOutput): number {
  const total = answer.ContentRange === undefined ? undefined : /\/(\d+)$/.exec(answer.ContentRange)?.[1];
  return total === undefined ? (answer.ContentLength ?? 0) : Number(total);
}
