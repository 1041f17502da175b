import { parseAddress } from '../../../storage/open.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { Profile } from './profiles.ts';

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface StoreStatement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Condition;
}

export interface StorePolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly StoreStatement[];
}

// Without If-None-Match a put may replace an object. Parts of an upload cannot carry it: what completes them must.
// docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
const overwrites: Condition = {
  Null: { 's3:if-none-match': 'true' },
  Bool: { 's3:ObjectCreationOperation': 'true' },
};

/**
 * The policy of one profile for a repository in a bucket of Amazon S3. `bucket` is the bucket's own policy, which binds
 * every credential; the others are identity policies. Throws usage.invalid for repositories elsewhere.
 * @param lockDays of the configuration: a lock for fewer days from now is refused.
 */
export function storePolicy(profile: Profile, address: string, lockDays: number | undefined): StorePolicy {
  const parsed = parseAddress(address);
  if (parsed.kind !== 's3')
    throw new HoldfastError('usage.invalid', `${address} is no bucket: policies are for repositories in S3`);
  const bucket = `arn:aws:s3:::${parsed.bucket}`;
  const prefix = parsed.prefix === '' ? '' : `${parsed.prefix}/`;
  const objects = `${bucket}/${prefix}*`;
  const deny = (Sid: string, Action: readonly string[], Resource: string | readonly string[], Condition?: Condition) =>
    ({ Sid, Effect: 'Deny', Action, Resource, ...(Condition ? { Condition } : {}) }) as const;
  const allow = (Sid: string, Action: readonly string[], Resource: string, Condition?: Condition) =>
    ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) }) as const;
  const noOverwrites = deny('NeverOverwrite', ['s3:PutObject'], objects, overwrites);
  const noBypass = deny('NeverBypassLocks', ['s3:BypassGovernanceRetention'], objects);
  if (profile === 'bucket') {
    const everybody = [noOverwrites, noBypass].map((statement) => ({ ...statement, Principal: '*' as const }));
    return { Version: '2012-10-17', Statement: everybody };
  }
  const listing = prefix === '' ? undefined : { StringLike: { 's3:prefix': [prefix, `${prefix}*`] } };
  const read: StoreStatement[] = [
    allow('ReadObjects', ['s3:GetObject', 's3:GetObjectRetention', 's3:GetObjectVersion'], objects),
    allow('ListObjects', ['s3:ListBucket', 's3:ListBucketVersions'], bucket, listing),
    allow(
      'ReadSettings',
      [
        's3:GetBucketLocation',
        's3:GetBucketObjectLockConfiguration',
        's3:GetBucketVersioning',
        's3:GetLifecycleConfiguration',
      ],
      bucket,
    ),
  ];
  const write: StoreStatement[] = [
    allow('AddObjects', ['s3:AbortMultipartUpload', 's3:PutObject', 's3:PutObjectRetention'], objects),
    noOverwrites,
    ...shortLocks(objects, lockDays, deny),
  ];
  const never = [
    ...(profile === 'pruner' ? ['s3:DeleteObjectVersion'] : ['s3:DeleteObject', 's3:DeleteObjectVersion']),
    's3:PutObjectLegalHold',
  ];
  const settings = ['s3:DeleteBucket', 's3:DeleteBucketPolicy', 's3:PutBucketObjectLockConfiguration'];
  const guards = [
    deny('NeverDestroy', never, objects),
    noBypass,
    deny(
      'NeverChangeTheBucket',
      [...settings, 's3:PutBucketPolicy', 's3:PutBucketVersioning', 's3:PutLifecycleConfiguration'],
      bucket,
    ),
  ];
  // Packs in an archive class are thawed by whoever reads contents; it costs money and destroys nothing.
  const thaw = profile === 'writer' ? [] : [allow('ThawObjects', ['s3:RestoreObject'], objects)];
  const remove = profile === 'pruner' ? [allow('DeleteObjects', ['s3:DeleteObject'], objects)] : [];
  return {
    Version: '2012-10-17',
    Statement: [...read, ...thaw, ...(profile === 'reader' ? [] : write), ...remove, ...guards],
  };
}

/** Leases and checkpoints carry no lock: the condition is about those that do. */
function shortLocks(
  objects: string,
  lockDays: number | undefined,
  deny: (sid: string, actions: readonly string[], resource: string, condition: Condition) => StoreStatement,
): StoreStatement[] {
  if (lockDays === undefined) return [];
  const condition = { NumericLessThan: { 's3:object-lock-remaining-retention-days': String(lockDays) } };
  return [deny('NeverLockForLess', ['s3:PutObject', 's3:PutObjectRetention'], objects, condition)];
}
