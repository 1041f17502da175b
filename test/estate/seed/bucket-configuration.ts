import {
  CreateBucketCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketInventoryConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type BucketLocationConstraint,
  type S3Client,
} from '@aws-sdk/client-s3';
import { account, homeRegion, shared } from '../sites.ts';
import type { BucketSpec } from './buckets.ts';

/**
 * Creates the bucket with its configuration. No bucket logs its accesses: moto delivers such logs, so every reading would
 * change the estate.
 */
export async function createBucket(s3: S3Client, bucket: BucketSpec): Promise<void> {
  const Bucket = bucket.name;
  const region = bucket.region as BucketLocationConstraint;
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      ...(bucket.region === homeRegion ? {} : { CreateBucketConfiguration: { LocationConstraint: region } }),
      ...(bucket.purpose === 'audit' ? { ObjectLockEnabledForBucket: true } : {}),
    }),
  );
  if (bucket.versioned && bucket.purpose !== 'audit') {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  }
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagsOf(bucket) } }));
  await s3.send(
    new PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: {
        Rules: [{ ObjectOwnership: bucket.purpose === 'trail' ? 'ObjectWriter' : 'BucketOwnerEnforced' }],
      },
    }),
  );
  await configureByPurpose(s3, bucket);
}

function tagsOf(bucket: BucketSpec): { Key: string; Value: string }[] {
  return [
    { Key: 'Purpose', Value: bucket.purpose },
    { Key: 'CostCenter', Value: 'R&D / 2026' },
    ...(bucket.site
      ? [
          { Key: 'Site', Value: bucket.site.site.name },
          { Key: 'Environment', Value: bucket.site.environment },
        ]
      : []),
  ];
}

async function configureByPurpose(s3: S3Client, bucket: BucketSpec): Promise<void> {
  const Bucket = bucket.name;
  if (bucket.purpose !== 'web') {
    await s3.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: bucket.purpose !== 'assets',
        },
      }),
    );
  }
  switch (bucket.purpose) {
    case 'web':
      return await configureWeb(s3, Bucket);
    case 'assets':
      return await configureAssets(s3, Bucket);
    case 'uploads':
      return await configureUploads(s3, bucket);
    case 'media':
      await s3.send(
        new PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration: { Status: 'Enabled' } }),
      );
      return;
    case 'archive':
    case 'logs':
      return await configureLifecycle(s3, bucket);
    case 'exports':
      return await configureExports(s3, Bucket);
    case 'audit':
      await s3.send(
        new PutObjectLockConfigurationCommand({
          Bucket,
          ObjectLockConfiguration: {
            ObjectLockEnabled: 'Enabled',
            Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
          },
        }),
      );
      return;
    case 'trail':
      return await admitLogDelivery(s3, Bucket);
    case 'artifacts':
  }
}

async function admitLogDelivery(s3: S3Client, Bucket: string): Promise<void> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'LogDelivery',
        Effect: 'Allow',
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${Bucket}/*`,
      },
    ],
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

async function configureWeb(s3: S3Client, Bucket: string): Promise<void> {
  await s3.send(
    new PutBucketWebsiteCommand({
      Bucket,
      WebsiteConfiguration: {
        IndexDocument: { Suffix: 'index.html' },
        ErrorDocument: { Key: 'errors/404.html' },
        RoutingRules: [
          {
            Condition: { KeyPrefixEquals: 'old/' },
            Redirect: { ReplaceKeyPrefixWith: 'archive/', HttpRedirectCode: '301' },
          },
        ],
      },
    }),
  );
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'PublicRead',
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${Bucket}/*`,
      },
    ],
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

async function configureAssets(s3: S3Client, Bucket: string): Promise<void> {
  await s3.send(
    new PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: {
        CORSRules: [
          { AllowedMethods: ['GET', 'HEAD'], AllowedOrigins: ['*'], AllowedHeaders: ['*'], MaxAgeSeconds: 3600 },
          {
            AllowedMethods: ['PUT', 'POST'],
            AllowedOrigins: ['https://admin.example.com'],
            AllowedHeaders: ['x-amz-*', 'content-type'],
            ExposeHeaders: ['ETag'],
          },
        ],
      },
    }),
  );
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'CloudFrontRead',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: ['s3:GetObject', 's3:ListBucket'],
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
        Condition: { StringLike: { 'AWS:SourceArn': `arn:aws:cloudfront::${account}:distribution/*` } },
      },
    ],
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

async function configureUploads(s3: S3Client, bucket: BucketSpec): Promise<void> {
  const Bucket = bucket.name;
  const key = `arn:aws:kms:${bucket.region}:${account}:key/11111111-2222-3333-4444-555555555555`;
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
            BucketKeyEnabled: true,
          },
        ],
      },
    }),
  );
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: [
          {
            Id: 'thumbnails',
            LambdaFunctionArn: `arn:aws:lambda:${bucket.region}:${account}:function:${bucket.site?.named('uploads') ?? shared('uploads')}`,
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: '.jpg' }] } },
          },
        ],
      },
    }),
  );
}

async function configureLifecycle(s3: S3Client, bucket: BucketSpec): Promise<void> {
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: bucket.name,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'age-out',
            Status: 'Enabled',
            Filter: { Prefix: 'daily/' },
            Transitions: [
              { Days: 30, StorageClass: 'STANDARD_IA' },
              { Days: 90, StorageClass: 'GLACIER' },
            ],
            Expiration: { Days: bucket.purpose === 'logs' ? 400 : 2555 },
          },
          {
            ID: 'unfinished-uploads',
            Status: 'Enabled',
            Filter: { Prefix: '' },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          },
          {
            ID: 'tagged',
            Status: 'Disabled',
            Filter: { And: { Prefix: 'tmp/', Tags: [{ Key: 'keep', Value: 'no' }] } },
            Expiration: { Days: 3 },
          },
        ],
      },
    }),
  );
}

async function configureExports(s3: S3Client, Bucket: string): Promise<void> {
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    }),
  );
  await s3.send(
    new PutBucketInventoryConfigurationCommand({
      Bucket,
      Id: 'weekly',
      InventoryConfiguration: {
        Id: 'weekly',
        IsEnabled: true,
        IncludedObjectVersions: 'All',
        Schedule: { Frequency: 'Weekly' },
        OptionalFields: ['Size', 'StorageClass'],
        Destination: {
          S3BucketDestination: { Bucket: `arn:aws:s3:::${shared('trail')}`, Format: 'CSV', Prefix: 'inventory' },
        },
      },
    }),
  );
}
