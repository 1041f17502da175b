import { asBuffer, concatBytes } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { PutOptions } from '../contract.ts';
import { alreadyExists, preconditionFailed } from '../precondition.ts';
import { versionOf, type Connection } from './connection.ts';
import { fromS3, nameOf, statusOf } from './errors.ts';
import { checksumHeader, conditionHeaders, objectHeaders, writeIdName } from './headers.ts';
import { headerOf } from './lean/answer-error.ts';
import { sha256Hex } from './lean/client.ts';
import { putInParts } from './multipart.ts';
import { headObject } from './read.ts';

const conflictAttempts = 12;
/** Bodies up to this many bytes are sent as one piece of memory. */
const copiedUpTo = 64 * 1024;

/**
 * Stores an object; returns its version. A `409 Conflict` (another conditional write of the key is in flight) is tried
 * again; `412` is settled, unless it is our own earlier attempt that is met. Where the answer was lost, reading the object
 * back settles whether the put took effect; its write id tells it from another writer's.
 */
export async function putObject(
  connection: Connection,
  key: string,
  parts: readonly Uint8Array[],
  options: PutOptions,
): Promise<string> {
  const { runtime } = connection;
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const writeId = connection.nextWriteId();
  for (let attempt = 1; ; attempt++) {
    try {
      if (size > connection.multipartAbove)
        return await putInParts(connection, key, concatBytes(parts), writeId, options);
      const body = parts.length === 1 && parts[0] !== undefined ? parts[0] : parts;
      return await putWhole(connection, key, size > copiedUpTo ? body : concatBytes(parts), writeId, options);
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
      const isLost = status === 0 && !(error instanceof HoldfastError);
      if ((!isSettled && !isLost) || nameOf(error) === 'NoSuchBucket') throw fromS3(error, 'PutObject', key);
      const ours = await versionWrittenBy(connection, key, writeId, isLost ? error : undefined);
      if (ours !== undefined) return ours;
      if (isLost) throw fromS3(error, 'PutObject', key);
      if (isUploadGone) throw fromS3(error, 'CompleteMultipartUpload', key);
      if (options.ifMatch === undefined) throw alreadyExists(key, error);
      throw preconditionFailed(key, status === 404 ? 'it is absent' : 'another writer changed it', error);
    }
  }
}

async function putWhole(
  connection: Connection,
  key: string,
  body: Uint8Array | readonly Uint8Array[],
  writeId: string,
  options: PutOptions,
): Promise<string> {
  const { lean, fullKey } = connection;
  // Signed bodies are hashed anyway; over TLS a checksum eight times as fast serves as well.
  const sha256 = lean.secure ? undefined : sha256Hex(body);
  const answer = await lean.send({
    method: 'PUT',
    key: fullKey(key),
    headers: [
      [`x-amz-meta-${writeIdName}`, writeId],
      checksumHeader(body, sha256),
      ...conditionHeaders(options),
      ...objectHeaders(options, sha256 === undefined ? 'CRC32' : 'SHA256'),
    ],
    body,
    ...(sha256 === undefined ? {} : { sha256 }),
  });
  return versionOf(headerOf(answer, 'etag'), key);
}

/**
 * The version of the object when the put with this id wrote it. `lost` is the error that lost the answer: where reading
 * back fails too, it is the one to be told.
 */
async function versionWrittenBy(
  connection: Connection,
  key: string,
  writeId: string,
  lost: unknown,
): Promise<string | undefined> {
  try {
    const head = await headObject(connection, key);
    const isOurs = headerOf(head, `x-amz-meta-${writeIdName}`) === writeId;
    return isOurs ? versionOf(headerOf(head, 'etag'), key) : undefined;
  } catch (error) {
    if (statusOf(error) === 404 || lost !== undefined) return undefined;
    throw fromS3(error, 'HeadObject', key);
  }
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
