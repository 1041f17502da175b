import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-s3';

/** Everything a person would miss of a bucket, read through the SDK alone; ids and times left out. */
export async function readBack(s3: sdk.S3Client, Bucket: string, historyPrefix = 'history/'): Promise<unknown> {
  const listed = await s3.send(new sdk.ListObjectsV2Command({ Bucket }));
  const objects: unknown[] = [];
  for (const { Key, Size, StorageClass } of listed.Contents ?? []) {
    const answer = await s3.send(new sdk.GetObjectCommand({ Bucket, Key }));
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0);
    const { TagSet } = await s3.send(new sdk.GetObjectTaggingCommand({ Bucket, Key }));
    objects.push({
      Key,
      Size,
      StorageClass,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      headers: [
        answer.ContentType,
        answer.CacheControl,
        answer.ContentDisposition,
        answer.ContentEncoding,
        answer.ContentLanguage,
        answer.ExpiresString,
        answer.WebsiteRedirectLocation,
        answer.ServerSideEncryption,
        answer.SSEKMSKeyId,
        answer.ObjectLockLegalHoldStatus,
      ],
      Metadata: answer.Metadata,
      TagSet,
      // An object encrypted by KMS gets an ETag of its own on AWS; the emulator's is the MD5 for all.
      ETag: answer.ETag,
    });
  }
  return { objects, history: await historyOf(s3, Bucket, historyPrefix), config: await configOf(s3, Bucket) };
}

async function historyOf(s3: sdk.S3Client, Bucket: string, Prefix: string): Promise<readonly string[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket, Prefix }));
  const versions = Versions.map(({ Key, ETag, IsLatest }) => `${Key} ${ETag} ${IsLatest}`);
  return [...versions, ...DeleteMarkers.map(({ Key, IsLatest }) => `${Key} deleted ${IsLatest}`)].sort();
}

async function configOf(s3: sdk.S3Client, Bucket: string): Promise<Readonly<Record<string, unknown>>> {
  const asks: Readonly<Record<string, () => Promise<object>>> = {
    versioning: () => s3.send(new sdk.GetBucketVersioningCommand({ Bucket })),
    encryption: () => s3.send(new sdk.GetBucketEncryptionCommand({ Bucket })),
    policy: () => s3.send(new sdk.GetBucketPolicyCommand({ Bucket })),
    acl: () => s3.send(new sdk.GetBucketAclCommand({ Bucket })),
    ownership: () => s3.send(new sdk.GetBucketOwnershipControlsCommand({ Bucket })),
    block: () => s3.send(new sdk.GetPublicAccessBlockCommand({ Bucket })),
    cors: () => s3.send(new sdk.GetBucketCorsCommand({ Bucket })),
    lifecycle: () => s3.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket })),
    notification: () => s3.send(new sdk.GetBucketNotificationConfigurationCommand({ Bucket })),
    logging: () => s3.send(new sdk.GetBucketLoggingCommand({ Bucket })),
    tagging: () => s3.send(new sdk.GetBucketTaggingCommand({ Bucket })),
    website: () => s3.send(new sdk.GetBucketWebsiteCommand({ Bucket })),
    accelerate: () => s3.send(new sdk.GetBucketAccelerateConfigurationCommand({ Bucket })),
    lock: () => s3.send(new sdk.GetObjectLockConfigurationCommand({ Bucket })),
    inventory: () => s3.send(new sdk.ListBucketInventoryConfigurationsCommand({ Bucket })),
    location: () => s3.send(new sdk.GetBucketLocationCommand({ Bucket })),
  };
  const found: Record<string, unknown> = {};
  for (const [name, ask] of Object.entries(asks)) {
    const answer = await ask().catch((error: Error) => ({ error: error.name }));
    found[name] = JSON.parse(JSON.stringify({ ...answer, $metadata: undefined })) as unknown;
  }
  // The order of tags and rules has no meaning, and neither has white space within a policy.
  const tags = found['tagging'] as { TagSet?: { Key: string }[] };
  tags.TagSet?.sort((a, b) => (a.Key < b.Key ? -1 : 1));
  const policy = found['policy'] as { Policy?: string };
  if (policy.Policy !== undefined) found['policy'] = JSON.parse(policy.Policy) as unknown;
  return found;
}
