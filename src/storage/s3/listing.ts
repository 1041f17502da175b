import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { classOf } from '../archive.ts';
import type { StoredObject } from '../contract.ts';
import { isLegalKey } from '../keys.ts';
import { versionOf, type Connection } from './connection.ts';
import { fromS3 } from './errors.ts';

/** Page by page; the next one is on its way while one is used. Objects whose keys cannot be ours are left out. */
export async function* listObjects(connection: Connection, prefix: string): AsyncGenerator<StoredObject> {
  let next: Promise<ListObjectsV2CommandOutput> | undefined = requestPage(connection, prefix);
  try {
    while (next !== undefined) {
      const page: ListObjectsV2CommandOutput = await next;
      const token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      next = token === undefined ? undefined : requestPage(connection, prefix, token);
      // It is awaited in its turn; until then its failure is nobody's.
      next?.catch(waitForTurn);
      for (const found of page.Contents ?? []) {
        const key = connection.ownKey(found.Key ?? '');
        if (!isLegalKey(key)) continue;
        yield {
          key,
          size: found.Size ?? 0,
          version: versionOf(found.ETag, key),
          modifiedAt: found.LastModified?.getTime() ?? 0,
          ...classOf(found.StorageClass),
        };
      }
    }
  } finally {
    await Promise.allSettled([next]);
  }
}

async function requestPage(
  connection: Connection,
  prefix: string,
  token?: string,
): Promise<ListObjectsV2CommandOutput> {
  const { sdk, client, bucket, fullKey, pageSize } = connection;
  try {
    return await client.send(
      new sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: fullKey(prefix),
        MaxKeys: pageSize,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
  } catch (error) {
    throw fromS3(error, 'ListObjectsV2', `${bucket}/${fullKey(prefix)}`);
  }
}

function waitForTurn(): void {
  /* see its use */
}
