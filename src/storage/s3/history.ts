import type {
  DeleteMarkerEntry,
  ListObjectVersionsCommandOutput,
  ObjectVersion as S3ObjectVersion,
} from '@aws-sdk/client-s3';
import { emptyBytes } from '../../kernel/bytes.ts';
import type { ByteRange, ObjectVersion, StoreHistory } from '../contract.ts';
import { checkKey, checkPrefix, isLegalKey } from '../keys.ts';
import { checkRange, truncated } from '../ranges.ts';
import { versionOf, type Connection } from './connection.ts';
import { fromS3, nameOf, statusOf } from './errors.ts';

/** Versions of a bucket (ListObjectVersions, GetObject with a version id). */
export function s3History(connection: Connection): StoreHistory {
  return {
    async *list(prefix) {
      checkPrefix(prefix);
      let page: ListObjectVersionsCommandOutput | undefined;
      do {
        page = await requestPage(connection, prefix, page);
        yield* versionsOf(connection, page);
      } while (page.IsTruncated === true);
    },
    get: (key, versionId, range) => getVersion(connection, key, versionId, range),
    remove: (key, versionId) => removeVersion(connection, key, versionId),
  };
}

async function requestPage(
  connection: Connection,
  prefix: string,
  last: ListObjectVersionsCommandOutput | undefined,
): Promise<ListObjectVersionsCommandOutput> {
  const { sdk, client, bucket, fullKey, pageSize } = connection;
  try {
    return await client.send(
      new sdk.ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: fullKey(prefix),
        MaxKeys: pageSize,
        ...(last?.NextKeyMarker === undefined ? {} : { KeyMarker: last.NextKeyMarker }),
        ...(last?.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: last.NextVersionIdMarker }),
      }),
    );
  } catch (error) {
    throw fromS3(error, 'ListObjectVersions', `${bucket}/${fullKey(prefix)}`);
  }
}

interface Listed {
  readonly version: ObjectVersion;
  readonly latest: boolean;
}

/**
 * S3 answers with versions and delete markers apart: they are put together by key and time. Times are whole seconds: of what
 * happened within one, the latest comes first, then contents before deletions.
 */
function versionsOf(connection: Connection, page: ListObjectVersionsCommandOutput): ObjectVersion[] {
  const listed: Listed[] = [];
  function add(
    found: DeleteMarkerEntry | S3ObjectVersion,
    rest: Pick<ObjectVersion, 'size' | 'version' | 'deleted'>,
  ): void {
    const key = connection.ownKey(found.Key ?? '');
    if (!isLegalKey(key)) return;
    const modifiedAt = found.LastModified?.getTime() ?? 0;
    const version = { key, versionId: found.VersionId ?? 'null', modifiedAt, ...rest };
    listed.push({ version, latest: found.IsLatest === true });
  }
  for (const found of page.Versions ?? [])
    add(found, { size: found.Size ?? 0, version: versionOf(found.ETag, found.Key ?? ''), deleted: false });
  for (const found of page.DeleteMarkers ?? []) add(found, { size: 0, version: '', deleted: true });
  return listed.sort(inOrder).map(({ version }) => version);
}

function inOrder(a: Listed, b: Listed): number {
  const [left, right] = [a.version, b.version];
  if (left.key !== right.key) return left.key < right.key ? -1 : 1;
  if (left.modifiedAt !== right.modifiedAt) return right.modifiedAt - left.modifiedAt;
  if (a.latest !== b.latest) return a.latest ? -1 : 1;
  return Number(left.deleted) - Number(right.deleted);
}

async function removeVersion(connection: Connection, key: string, versionId: string): Promise<void> {
  const { sdk, client, bucket, fullKey } = connection;
  checkKey(key);
  try {
    await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: fullKey(key), VersionId: versionId }));
  } catch (error) {
    if (statusOf(error) !== 404 || nameOf(error) === 'NoSuchBucket') throw fromS3(error, 'DeleteObject', key);
  }
}

async function getVersion(
  connection: Connection,
  key: string,
  versionId: string,
  range: ByteRange | undefined,
): Promise<Uint8Array> {
  const { sdk, client, bucket, fullKey } = connection;
  checkKey(key);
  if (range !== undefined) checkRange(key, range, Number.MAX_SAFE_INTEGER);
  const target = { Bucket: bucket, Key: fullKey(key), VersionId: versionId };
  try {
    if (range?.length === 0) {
      // HTTP has no empty range.
      const head = await client.send(new sdk.HeadObjectCommand(target));
      checkRange(key, range, head.ContentLength ?? 0);
      return emptyBytes;
    }
    const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
    const answer = await client.send(
      new sdk.GetObjectCommand({ ...target, ...(Range === undefined ? {} : { Range }) }),
    );
    const bytes = (await answer.Body?.transformToByteArray()) ?? emptyBytes;
    const wanted = range?.length ?? answer.ContentLength ?? bytes.length;
    if (bytes.length !== wanted) throw truncated(key, `${bytes.length} of ${wanted} bytes came`);
    return bytes;
  } catch (error) {
    throw fromS3(error, 'GetObject', key);
  }
}
