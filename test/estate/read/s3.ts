import {
  GetBucketAccelerateConfigurationCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketInventoryConfigurationCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketLoggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectTaggingCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { sha256 } from '../deterministic.ts';
import { answerOf, sortedList, type DescribedItem } from '../description.ts';
import { inParallel } from '../parallel.ts';

const atOnce = 24;
const archiveClasses: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

export async function readS3(s3: S3Client): Promise<DescribedItem[]> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const names = Buckets.flatMap(({ Name }) => Name ?? []);
  const configurations = await inParallel(8, names, (name) => readConfiguration(s3, name));
  const histories = (await inParallel(8, names, (name) => listHistories(s3, name))).flat();
  const objects = await inParallel(atOnce, histories, async ({ bucket, key, versions }): Promise<DescribedItem> => {
    const described = [];
    for (const version of versions) described.push(await readVersion(s3, bucket, key, version));
    return [`s3/${bucket}/object/${key}`, described];
  });
  return [...configurations.flat(), ...objects];
}

async function readConfiguration(s3: S3Client, Bucket: string): Promise<DescribedItem[]> {
  const input = { Bucket };
  const asked = {
    location: s3.send(new GetBucketLocationCommand(input)),
    versioning: s3.send(new GetBucketVersioningCommand(input)),
    encryption: s3.send(new GetBucketEncryptionCommand(input)),
    policy: s3.send(new GetBucketPolicyCommand(input)),
    acl: s3.send(new GetBucketAclCommand(input)),
    cors: s3.send(new GetBucketCorsCommand(input)),
    website: s3.send(new GetBucketWebsiteCommand(input)),
    lifecycle: s3.send(new GetBucketLifecycleConfigurationCommand(input)),
    notification: s3.send(new GetBucketNotificationConfigurationCommand(input)),
    publicAccessBlock: s3.send(new GetPublicAccessBlockCommand(input)),
    ownership: s3.send(new GetBucketOwnershipControlsCommand(input)),
    logging: s3.send(new GetBucketLoggingCommand(input)),
    objectLock: s3.send(new GetObjectLockConfigurationCommand(input)),
    accelerate: s3.send(new GetBucketAccelerateConfigurationCommand(input)),
    inventory: s3.send(new GetBucketInventoryConfigurationCommand({ Bucket, Id: 'weekly' })),
    tagging: s3.send(new GetBucketTaggingCommand(input)).then(({ TagSet }) => ({ TagSet: sortedList(TagSet) })),
  };
  return await Promise.all(
    Object.entries(asked).map(async ([aspect, running]): Promise<DescribedItem> => {
      return [`s3/${Bucket}/${aspect}`, await running.then(answerOf, unsetWhenNotFound)];
    }),
  );
}

/** S3 answers 404 for a configuration that is not set. */
function unsetWhenNotFound(error: unknown): null {
  if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404) return null;
  throw error;
}

interface History {
  readonly bucket: string;
  readonly key: string;
  /** Oldest first. */
  readonly versions: readonly ListedVersion[];
}

interface ListedVersion {
  readonly id: string | undefined;
  readonly deleted: boolean;
  readonly archived: boolean;
}

async function listHistories(s3: S3Client, bucket: string): Promise<History[]> {
  const histories = new Map<string, (ListedVersion & { readonly at: number })[]>();
  for await (const page of versionPages(s3, bucket)) {
    const listed = [
      ...(page.Versions ?? []).map((version) => ({ ...version, deleted: false })),
      ...(page.DeleteMarkers ?? []).map((marker) => ({ ...marker, deleted: true, StorageClass: undefined })),
    ];
    for (const { Key = '', VersionId, LastModified, IsLatest, StorageClass, deleted } of listed) {
      const history = histories.get(Key) ?? [];
      const at = IsLatest === true ? Number.POSITIVE_INFINITY : (LastModified?.getTime() ?? 0);
      const archived = archiveClasses.has(StorageClass ?? '');
      // A page lists the newest version first.
      history.unshift({ id: VersionId, deleted, archived, at });
      histories.set(Key, history);
    }
  }
  return [...histories].map(([key, versions]) => ({ bucket, key, versions: versions.sort(byAge) }));
}

// Times are whole seconds; a delete marker follows the version it hides.
function byAge(a: { at: number; deleted: boolean }, b: { at: number; deleted: boolean }): number {
  return a.at === b.at ? Number(a.deleted) - Number(b.deleted) : a.at - b.at;
}

async function* versionPages(s3: S3Client, Bucket: string): AsyncGenerator<ListObjectVersionsCommandOutput> {
  let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, ...next }));
    yield page;
    if (page.IsTruncated !== true) return;
    next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}

async function readVersion(s3: S3Client, Bucket: string, Key: string, version: ListedVersion): Promise<unknown> {
  if (version.deleted) return { deleted: true };
  const input = { Bucket, Key, ...(version.id === 'null' ? {} : { VersionId: version.id }) };
  const answer = version.archived
    ? await s3.send(new HeadObjectCommand(input))
    : await s3.send(new GetObjectCommand(input));
  const body = 'Body' in answer ? await answer.Body?.transformToByteArray() : undefined;
  const tagging = (answer.TagCount ?? 0) > 0 ? await s3.send(new GetObjectTaggingCommand(input)) : undefined;
  return {
    // The bytes of an archived object cannot be read; its ETag says whether they are the same.
    content: body === undefined ? { etag: answer.ETag } : { sha256: sha256(body) },
    bytes: answer.ContentLength,
    storageClass: answer.StorageClass,
    contentType: answer.ContentType,
    contentEncoding: answer.ContentEncoding,
    contentLanguage: answer.ContentLanguage,
    contentDisposition: answer.ContentDisposition,
    cacheControl: answer.CacheControl,
    expires: answer.ExpiresString,
    encryption: [answer.ServerSideEncryption, answer.SSEKMSKeyId],
    lockMode: answer.ObjectLockMode,
    metadata: answer.Metadata,
    redirect: answer.WebsiteRedirectLocation,
    tags: sortedList(tagging?.TagSet),
  };
}
