import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { classOf } from '../archive.ts';
import type { StoredObject } from '../contract.ts';
import { isLegalKey } from '../keys.ts';
import { versionOf, type Connection } from './connection.ts';
import { fromS3 } from './errors.ts';
import { elementsOf, textOf } from './lean/xml.ts';

interface Page {
  readonly objects: readonly StoredObject[];
  /** Of the next page; undefined on the last one. */
  readonly token: string | undefined;
}

/** Page by page; the next one is on its way while one is used. Objects whose keys cannot be ours are left out. */
export async function* listObjects(connection: Connection, prefix: string): AsyncGenerator<StoredObject> {
  let next: Promise<Page> | undefined = requestPage(connection, prefix);
  try {
    while (next !== undefined) {
      const { objects, token }: Page = await next;
      next = token === undefined ? undefined : requestPage(connection, prefix, token);
      // It is awaited in its turn; until then its failure is nobody's.
      next?.catch(waitForTurn);
      yield* objects;
    }
  } finally {
    await Promise.allSettled([next]);
  }
}

/** ListObjectsV2 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html). */
async function requestPage(connection: Connection, prefix: string, token?: string): Promise<Page> {
  const { lean, bucket, fullKey, pageSize } = connection;
  const what = `${bucket}/${fullKey(prefix)}`;
  try {
    const answer = await lean.send({
      method: 'GET',
      key: '',
      query: [
        ['list-type', '2'],
        ['max-keys', String(pageSize)],
        ['prefix', fullKey(prefix)],
        ...(token === undefined ? [] : [['continuation-token', token] as const]),
      ],
    });
    if (answer.cut) throw answer.cut;
    return readPage(connection, asBuffer(answer.body).toString('utf8'), what);
  } catch (error) {
    throw fromS3(error, 'ListObjectsV2', what);
  }
}

/** A page that is not whole, or that says there are more without saying where, must not pass for the last one. */
function readPage(connection: Connection, xml: string, what: string): Page {
  const truncated = textOf(xml, 'IsTruncated');
  if (truncated === undefined || !xml.trimEnd().endsWith('</ListBucketResult>'))
    throw new HoldfastError('storage.unavailable', `the listing of ${what} is not whole`, { resource: what });
  const token = truncated === 'true' ? textOf(xml, 'NextContinuationToken') : undefined;
  if (truncated === 'true' && token === undefined)
    throw new HoldfastError('storage.unsupported', `the listing of ${what} goes on, but the store does not say where`, {
      resource: what,
    });
  const objects: StoredObject[] = [];
  for (const found of elementsOf(xml, 'Contents')) {
    const key = connection.ownKey(textOf(found, 'Key') ?? '');
    if (isLegalKey(key)) objects.push(readObject(key, found));
  }
  return { objects, token };
}

function readObject(key: string, xml: string): StoredObject {
  const size = Number(textOf(xml, 'Size'));
  const modifiedAt = Date.parse(textOf(xml, 'LastModified') ?? '');
  if (!Number.isSafeInteger(size) || Number.isNaN(modifiedAt))
    throw new HoldfastError('storage.unsupported', `the store lists ${key} without its size or time`, {
      resource: key,
    });
  const version = versionOf(textOf(xml, 'ETag'), key);
  return { key, size, version, modifiedAt, ...classOf(textOf(xml, 'StorageClass')) };
}

function waitForTurn(): void {
  /* see its use */
}
