import { emptyBytes } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { classOf } from '../archive.ts';
import type { ByteRange, StoredObject } from '../contract.ts';
import { checkRange } from '../ranges.ts';
import { versionOf, type Connection } from './connection.ts';
import { fromS3, statusOf } from './errors.ts';
import { headerOf } from './lean/answer-error.ts';
import type { Answer } from './lean/transport.ts';
import { readPieces } from './pieces.ts';

/** Overwritten while it was read: the new object is read, this often. */
const versionsTried = 4;

export async function statObject(connection: Connection, key: string): Promise<StoredObject | undefined> {
  try {
    return statOf(key, await headObject(connection, key));
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw fromS3(error, 'HeadObject', key);
  }
}

function statOf(key: string, head: Answer): StoredObject {
  const size = Number(headerOf(head, 'content-length'));
  const modifiedAt = Date.parse(headerOf(head, 'last-modified') ?? '');
  if (!Number.isSafeInteger(size))
    throw new HoldfastError('storage.unsupported', `the store does not say how large ${key} is`, { resource: key });
  return {
    key,
    size,
    version: versionOf(headerOf(head, 'etag'), key),
    modifiedAt: Number.isNaN(modifiedAt) ? 0 : modifiedAt,
    ...classOf(headerOf(head, 'x-amz-storage-class')),
  };
}

/** Throws as the lean client does, with the reason where a HEAD is refused without one. */
export async function headObject(connection: Connection, key: string): Promise<Answer> {
  const { lean, fullKey } = connection;
  const head = () => lean.send({ method: 'HEAD', key: fullKey(key) });
  try {
    return await head();
  } catch (error) {
    if (statusOf(error) !== 400 && statusOf(error) !== 403) throw error;
    // Answers to HEAD have no body. The first byte is refused in words, or shows that all is well by now: a clock or
    // credentials were put right on the way.
    await lean
      .send({ method: 'GET', key: fullKey(key), headers: [['range', 'bytes=0-0']], into: () => nothing })
      .catch((reason: unknown) => {
        if (statusOf(reason) !== 416) throw reason;
      });
    return await head();
  }
}

const nothing = { target: emptyBytes, skip: 0 };

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
  for (let attempt = 1; ; attempt++) {
    try {
      return await readPieces(connection, key, range);
    } catch (error) {
      const known = fromS3(error, 'GetObject', key);
      // It was overwritten between two of its pieces.
      if (attempt >= versionsTried || !isCode(known, 'storage.precondition')) throw known;
    }
  }
}
