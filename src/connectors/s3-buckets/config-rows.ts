import { HoldfastError } from '../../kernel/errors.ts';
import { call, type ProviderCall } from '../contract.ts';

/** One sub-resource of a bucket: `config/<name>.json`. */
export interface ConfigRow {
  readonly name: string;
  readonly get: ProviderCall;
  /** Error names by which S3 says that it is not set. */
  readonly unset: readonly string[];
  /** Which part of the answer is the document: one member as it is, or several members together. */
  readonly document: string | readonly string[];
  /** Listed page by page; the document is the array of configurations sorted by id. */
  readonly paged?: boolean;
  readonly put?: ProviderCall;
  /** The input member that takes the document. */
  readonly into?: string;
  /** Further input of the put call. */
  readonly with?: Readonly<Record<string, unknown>>;
  readonly clear?: ProviderCall;
  /** Rows that must be done before this one. */
  readonly after: readonly string[];
  /** `before`: needed by the objects (or protects them). `after`: would act on the objects while they are written. */
  readonly objects: 'before' | 'after';
  /** See PlannedAction.phase: what names roles, distributions and other buckets, and what lets others act. */
  readonly phase?: 'settle' | 'enable';
  /** A new bucket has one by default (since April 2023): where none was captured it must be removed. */
  readonly newBucketHasIt?: boolean;
}

function s3(operation: string, action: string): ProviderCall {
  return call('s3', operation, `s3:${action}`);
}

function paged(kind: string, member: string): ConfigRow {
  return {
    name: kind.replaceAll(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase(),
    get: s3(`ListBucket${kind}Configurations`, `Get${kind}Configuration`),
    unset: [],
    document: `${member}List`,
    paged: true,
    put: s3(`PutBucket${kind}Configuration`, `Put${kind}Configuration`),
    into: member,
    clear: s3(`DeleteBucket${kind}Configuration`, `Put${kind}Configuration`),
    after: [],
    objects: 'after',
    // Reports go to other buckets.
    phase: 'settle',
  };
}

/** Every sub-resource, in the order in which a restore writes them. Names and codes: Amazon S3 API reference. */
export const configRows: readonly ConfigRow[] = [
  {
    name: 'ownership-controls',
    get: s3('GetBucketOwnershipControls', 'GetBucketOwnershipControls'),
    unset: ['OwnershipControlsNotFoundError'],
    document: 'OwnershipControls',
    put: s3('PutBucketOwnershipControls', 'PutBucketOwnershipControls'),
    into: 'OwnershipControls',
    clear: s3('DeleteBucketOwnershipControls', 'PutBucketOwnershipControls'),
    after: [],
    objects: 'before',
    newBucketHasIt: true,
  },
  {
    name: 'versioning',
    get: s3('GetBucketVersioning', 'GetBucketVersioning'),
    unset: [],
    document: ['Status', 'MFADelete'],
    put: s3('PutBucketVersioning', 'PutBucketVersioning'),
    into: 'VersioningConfiguration',
    after: [],
    objects: 'before',
  },
  {
    name: 'object-lock',
    get: s3('GetObjectLockConfiguration', 'GetBucketObjectLockConfiguration'),
    unset: ['ObjectLockConfigurationNotFoundError'],
    document: 'ObjectLockConfiguration',
    put: s3('PutObjectLockConfiguration', 'PutBucketObjectLockConfiguration'),
    into: 'ObjectLockConfiguration',
    after: ['versioning'],
    // Locking as such is switched on at creation; a default retention would lock restored objects anew.
    objects: 'after',
  },
  {
    name: 'encryption',
    get: s3('GetBucketEncryption', 'GetEncryptionConfiguration'),
    unset: ['ServerSideEncryptionConfigurationNotFoundError'],
    document: 'ServerSideEncryptionConfiguration',
    put: s3('PutBucketEncryption', 'PutEncryptionConfiguration'),
    into: 'ServerSideEncryptionConfiguration',
    clear: s3('DeleteBucketEncryption', 'PutEncryptionConfiguration'),
    after: [],
    objects: 'before',
  },
  {
    name: 'public-access-block',
    get: s3('GetPublicAccessBlock', 'GetBucketPublicAccessBlock'),
    unset: ['NoSuchPublicAccessBlockConfiguration'],
    document: 'PublicAccessBlockConfiguration',
    put: s3('PutPublicAccessBlock', 'PutBucketPublicAccessBlock'),
    into: 'PublicAccessBlockConfiguration',
    clear: s3('DeletePublicAccessBlock', 'PutBucketPublicAccessBlock'),
    after: [],
    objects: 'before',
    newBucketHasIt: true,
  },
  {
    name: 'acl',
    get: s3('GetBucketAcl', 'GetBucketAcl'),
    unset: [],
    document: ['Owner', 'Grants'],
    put: s3('PutBucketAcl', 'PutBucketAcl'),
    into: 'AccessControlPolicy',
    after: ['ownership-controls', 'public-access-block'],
    objects: 'before',
  },
  {
    name: 'tagging',
    get: s3('GetBucketTagging', 'GetBucketTagging'),
    unset: ['NoSuchTagSet'],
    document: ['TagSet'],
    put: s3('PutBucketTagging', 'PutBucketTagging'),
    into: 'Tagging',
    clear: s3('DeleteBucketTagging', 'PutBucketTagging'),
    after: [],
    objects: 'before',
  },
  {
    name: 'abac',
    get: s3('GetBucketAbac', 'GetBucketAbac'),
    unset: [],
    document: 'AbacStatus',
    put: s3('PutBucketAbac', 'PutBucketAbac'),
    into: 'AbacStatus',
    after: ['tagging'],
    objects: 'after',
  },
  {
    name: 'policy',
    get: s3('GetBucketPolicy', 'GetBucketPolicy'),
    unset: ['NoSuchBucketPolicy'],
    document: 'Policy',
    put: s3('PutBucketPolicy', 'PutBucketPolicy'),
    into: 'Policy',
    clear: s3('DeleteBucketPolicy', 'DeleteBucketPolicy'),
    after: ['public-access-block'],
    // A policy may deny unencrypted puts, or everything but one role: the objects come first.
    objects: 'after',
    phase: 'settle',
  },
  {
    name: 'cors',
    get: s3('GetBucketCors', 'GetBucketCORS'),
    unset: ['NoSuchCORSConfiguration'],
    document: ['CORSRules'],
    put: s3('PutBucketCors', 'PutBucketCORS'),
    into: 'CORSConfiguration',
    clear: s3('DeleteBucketCors', 'PutBucketCORS'),
    after: [],
    objects: 'after',
  },
  {
    name: 'website',
    get: s3('GetBucketWebsite', 'GetBucketWebsite'),
    unset: ['NoSuchWebsiteConfiguration'],
    document: ['RedirectAllRequestsTo', 'IndexDocument', 'ErrorDocument', 'RoutingRules'],
    put: s3('PutBucketWebsite', 'PutBucketWebsite'),
    into: 'WebsiteConfiguration',
    clear: s3('DeleteBucketWebsite', 'DeleteBucketWebsite'),
    after: [],
    objects: 'after',
  },
  {
    name: 'accelerate',
    get: s3('GetBucketAccelerateConfiguration', 'GetAccelerateConfiguration'),
    // A name with dots cannot be accelerated, and some regions cannot at all.
    unset: ['InvalidRequest'],
    document: ['Status'],
    put: s3('PutBucketAccelerateConfiguration', 'PutAccelerateConfiguration'),
    into: 'AccelerateConfiguration',
    after: [],
    objects: 'after',
  },
  {
    name: 'request-payment',
    get: s3('GetBucketRequestPayment', 'GetBucketRequestPayment'),
    unset: [],
    document: ['Payer'],
    put: s3('PutBucketRequestPayment', 'PutBucketRequestPayment'),
    into: 'RequestPaymentConfiguration',
    after: [],
    objects: 'after',
  },
  {
    name: 'logging',
    get: s3('GetBucketLogging', 'GetBucketLogging'),
    unset: [],
    document: ['LoggingEnabled'],
    phase: 'settle',
    put: s3('PutBucketLogging', 'PutBucketLogging'),
    into: 'BucketLoggingStatus',
    after: [],
    objects: 'after',
  },
  {
    name: 'lifecycle',
    get: s3('GetBucketLifecycleConfiguration', 'GetLifecycleConfiguration'),
    unset: ['NoSuchLifecycleConfiguration'],
    document: ['Rules', 'TransitionDefaultMinimumObjectSize'],
    put: s3('PutBucketLifecycleConfiguration', 'PutLifecycleConfiguration'),
    into: 'LifecycleConfiguration',
    clear: s3('DeleteBucketLifecycle', 'PutLifecycleConfiguration'),
    after: [],
    objects: 'after',
  },
  paged('Analytics', 'AnalyticsConfiguration'),
  paged('Inventory', 'InventoryConfiguration'),
  paged('Metrics', 'MetricsConfiguration'),
  paged('IntelligentTiering', 'IntelligentTieringConfiguration'),
  {
    name: 'metadata',
    get: s3('GetBucketMetadataConfiguration', 'GetBucketMetadataTableConfiguration'),
    unset: ['MetadataConfigurationNotFound'],
    document: 'GetBucketMetadataConfigurationResult',
    after: [],
    objects: 'after',
  },
  {
    name: 'notification',
    get: s3('GetBucketNotificationConfiguration', 'GetBucketNotification'),
    unset: [],
    document: [
      'TopicConfigurations',
      'QueueConfigurations',
      'LambdaFunctionConfigurations',
      'EventBridgeConfiguration',
    ],
    put: s3('PutBucketNotificationConfiguration', 'PutBucketNotification'),
    into: 'NotificationConfiguration',
    // The targets may be restored later than the bucket.
    with: { SkipDestinationValidation: true },
    phase: 'enable',
    after: [],
    objects: 'after',
  },
  {
    name: 'replication',
    get: s3('GetBucketReplication', 'GetReplicationConfiguration'),
    unset: ['ReplicationConfigurationNotFoundError'],
    phase: 'settle',
    document: 'ReplicationConfiguration',
    put: s3('PutBucketReplication', 'PutReplicationConfiguration'),
    into: 'ReplicationConfiguration',
    clear: s3('DeleteBucketReplication', 'PutReplicationConfiguration'),
    after: ['versioning'],
    objects: 'after',
  },
];

export function configKey(name: string): string {
  return `config/${name}.json`;
}

/** The row of a plan's action; plan.invalid when there is none. */
export function rowNamed(name: string): ConfigRow {
  const row = configRows.find((one) => one.name === name);
  if (!row) throw new HoldfastError('plan.invalid', `there is no bucket configuration called ${name}`);
  return row;
}
