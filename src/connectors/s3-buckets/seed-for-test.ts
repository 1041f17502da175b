import * as sdk from '@aws-sdk/client-s3';
import { createMemorySnapshot, type MemoryResource } from '../conformance-memory.ts';
import { discoverAll } from '../conformance.ts';
import type { ConnectorContext } from '../contract.ts';
import { connector } from './index.ts';
import type { S3BucketsOptions } from './options.ts';

/** A client of the test's own: what it reads is not read through the connector. */
export function testClient(region = 'us-east-1'): sdk.S3Client {
  return new sdk.S3Client({
    region,
    forcePathStyle: true,
    expectContinueHeader: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

export const oddKeys: readonly string[] = [
  'a b',
  'a+b',
  'a%20b',
  'a//b',
  '/leading',
  'trailing/',
  'ü/é',
  '日本.txt',
  '😀',
  '\uFF5Ez',
  'x&<y>',
  `q'"`,
  'a\u0001b',
  '..',
  'a/../b',
  'back\\slash',
  '?q=1#h',
  '%zz',
  '~*()!',
];

/** `acme-site`: every configuration the emulator keeps, versions, odd keys. `acme-plain` (eu-west-1): nothing but objects. */
export async function seedBuckets(s3: sdk.S3Client): Promise<void> {
  await s3.send(new sdk.CreateBucketCommand({ Bucket: 'acme-logs' }));
  await s3.send(new sdk.CreateBucketCommand({ Bucket: 'acme-site', ObjectLockEnabledForBucket: true }));
  await s3.send(
    new sdk.CreateBucketCommand({
      Bucket: 'acme-plain',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  await configure(s3, 'acme-site');
  await put(s3, 'acme-site', 'config/app.json', '{"a":1}', {
    ContentType: 'application/json',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment; filename="a.json"',
    ContentEncoding: 'identity',
    ContentLanguage: 'de',
    Expires: new Date('2033-05-18T03:33:20Z'),
    WebsiteRedirectLocation: '/elsewhere',
    Metadata: { owner: 'team-a', note: 'x y' },
    Tagging: 'site=acme&kind=a%2Bb%20c',
    ServerSideEncryption: 'AES256',
  });
  await put(s3, 'acme-site', 'held', 'legal', { ObjectLockLegalHoldStatus: 'ON', ChecksumAlgorithm: 'SHA256' });
  await put(s3, 'acme-site', 'cool', 'infrequent', { StorageClass: 'STANDARD_IA' });
  await put(s3, 'acme-site', 'kms', 'sealed', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/acme' });
  await put(s3, 'acme-site', 'empty', new Uint8Array(0));
  await Promise.all(oddKeys.map(async (key) => await put(s3, 'acme-site', key, `odd ${key}`)));
  for (const version of ['one', 'two', 'three']) await put(s3, 'acme-site', 'history/kept', version);
  for (const version of ['a', 'b', 'c'])
    await put(s3, 'acme-site', 'history/wiped', version, { Metadata: { version } });
  await put(s3, 'acme-site', 'history/deleted', 'gone');
  await remove(s3, 'acme-site', 'history/deleted');
  await multipart(s3, 'acme-site', 'big/multipart.bin', [Buffer.alloc(5 * 1024 * 1024, 7), Buffer.from('the end')]);
  const numbers = Array.from({ length: 30 }, (_, i) => String(i));
  await Promise.all(numbers.map(async (i) => await put(s3, 'acme-plain', `n/${i}`, `plain ${i}`, { Metadata: { i } })));
  await put(s3, 'acme-plain', 'changed', 'original');
  await put(s3, 'acme-plain', 'relabelled', 'same bytes', { ContentType: 'text/plain' });
}

async function configure(s3: sdk.S3Client, Bucket: string): Promise<void> {
  await s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await s3.send(
    new sdk.PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
      },
    }),
  );
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Read',
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${Bucket}/public/*`,
      },
    ],
  };
  await s3.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
  await s3.send(
    new sdk.PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'], MaxAgeSeconds: 60 }] },
    }),
  );
  await s3.send(
    new sdk.PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          { ID: 'tmp', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 7 } },
          {
            ID: 'once',
            Status: 'Disabled',
            Filter: { Prefix: 'old/' },
            Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
          },
        ],
      },
    }),
  );
  await s3.send(
    new sdk.PutBucketTaggingCommand({
      Bucket,
      Tagging: {
        TagSet: [
          { Key: 'site', Value: 'acme' },
          { Key: 'env', Value: 'prod' },
        ],
      },
    }),
  );
  await s3.send(
    new sdk.PutBucketWebsiteCommand({
      Bucket,
      WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: '404.html' } },
    }),
  );
  await s3.send(
    new sdk.PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
    }),
  );
  await s3.send(
    new sdk.PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: false,
        RestrictPublicBuckets: false,
      },
    }),
  );
  await s3.send(
    new sdk.PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration: { Status: 'Enabled' } }),
  );
  await s3.send(
    new sdk.PutBucketInventoryConfigurationCommand({
      Bucket,
      Id: 'weekly',
      InventoryConfiguration: {
        Id: 'weekly',
        IsEnabled: true,
        IncludedObjectVersions: 'All',
        Schedule: { Frequency: 'Weekly' },
        Destination: { S3BucketDestination: { Bucket: 'arn:aws:s3:::acme-logs', Format: 'CSV' } },
      },
    }),
  );
}

/** The emulator really writes the logs, so that a bucket with logging changes while it is looked at. */
export async function switchLoggingOn(s3: sdk.S3Client, Bucket: string): Promise<void> {
  const logTarget = {
    Bucket: 'acme-logs',
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'logging.s3.amazonaws.com' },
          Action: ['s3:PutObject'],
          Resource: 'arn:aws:s3:::acme-logs/*',
        },
      ],
    }),
  };
  await s3.send(new sdk.PutBucketPolicyCommand(logTarget));
  await s3.send(
    new sdk.PutBucketLoggingCommand({
      Bucket,
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'acme-logs', TargetPrefix: 'site/' } },
    }),
  );
}

export async function put(
  s3: sdk.S3Client,
  Bucket: string,
  Key: string,
  Body: string | Uint8Array,
  more: Partial<sdk.PutObjectCommandInput> = {},
): Promise<void> {
  await s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ...more }));
}

export async function remove(s3: sdk.S3Client, Bucket: string, Key: string, VersionId?: string): Promise<void> {
  await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) }));
}

async function multipart(s3: sdk.S3Client, Bucket: string, Key: string, parts: readonly Uint8Array[]): Promise<void> {
  const { UploadId } = await s3.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'video/x' }));
  const Parts: sdk.CompletedPart[] = [];
  for (const [i, Body] of parts.entries()) {
    const part = { Bucket, Key, UploadId, PartNumber: i + 1 };
    const { ETag } = await s3.send(new sdk.UploadPartCommand({ ...part, Body }));
    Parts.push({ PartNumber: i + 1, ETag });
  }
  await s3.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
}

/** The versions below a prefix, without delete markers. */
export async function versionsOf(s3: sdk.S3Client, Bucket: string, Prefix = ''): Promise<readonly sdk.ObjectVersion[]> {
  const answer = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket, Prefix }));
  return answer.Versions ?? [];
}

/** Deletes every version and delete marker below a prefix for good. */
export async function wipe(s3: sdk.S3Client, Bucket: string, Prefix = ''): Promise<void> {
  const answer = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket, Prefix }));
  for (const one of [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])])
    await remove(s3, Bucket, one.Key ?? '', one.VersionId);
}

/** Discovers all, captures one. */
export async function captureBucket(
  context: ConnectorContext<S3BucketsOptions>,
  name: string,
  previous?: MemoryResource,
): Promise<MemoryResource> {
  const resource = (await discoverAll(connector, context)).find(({ ref }) => ref.name === name);
  if (!resource) throw new Error(`${name} was not discovered`);
  const snapshot = createMemorySnapshot(resource.ref, previous);
  await connector.capture(context, resource, snapshot.sink);
  return await snapshot.finish();
}
