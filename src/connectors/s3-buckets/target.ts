import type { S3Client } from '@aws-sdk/client-s3';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { fromAws, isAwsError, required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { openBucket, regionOf, sendByName, type Bucket } from './bucket.ts';

/**
 * The live bucket a captured one would be restored to, opened in the region where it is; undefined: there is none.
 * Throws item.conflict when the name belongs to somebody else.
 */
export async function findTarget(context: RestoreContext, captured: CapturedResource): Promise<Bucket | undefined> {
  const name = context.rename(captured.ref.name);
  const asked = await openBucket(context, name, captured.ref.region);
  const command = new asked.sdk.HeadBucketCommand({ Bucket: name, ...expectedOwner(context) });
  try {
    const found = await asked.s3.send(command, { abortSignal: context.signal });
    const region = found.BucketRegion ?? captured.ref.region;
    const { askedRegion } = context;
    if (askedRegion !== undefined && region !== askedRegion) throw elsewhere(asked, region, askedRegion);
    return region === asked.region ? asked : await openBucket(context, name, region);
  } catch (error) {
    context.signal.throwIfAborted();
    if (isAwsError(error, 'NotFound', 'NoSuchBucket', 404)) return undefined;
    if (isAwsError(error, 403) && !(await isOurs(context, name))) throw takenBySomebody(asked, error);
    throw fromAws(error, 'HeadBucket', asked.label);
  }
}

/** Where the bucket is, asked of S3 again. */
export async function liveRegion(bucket: Bucket): Promise<string> {
  return regionOf((await sendByName(bucket, 'GetBucketLocation'))['LocationConstraint'] as string | undefined);
}

export function takenBySomebody(bucket: Bucket, cause: unknown): HoldfastError {
  return new HoldfastError('item.conflict', `the bucket name ${bucket.name} belongs to another AWS account`, {
    resource: bucket.label,
    hint: `Bucket names are global: restore under another one with --rename ${bucket.name}=NEW-NAME.`,
    cause,
  });
}

function elsewhere({ name, label }: Bucket, region: string, askedRegion: string): HoldfastError {
  return new HoldfastError(
    'item.conflict',
    `a bucket ${name} is in ${region}, so that there can be none in ${askedRegion}`,
    {
      resource: label,
      hint: `Bucket names are global: restore under another one (--rename 's3-buckets/*=*-dr' for all), or delete that bucket first.`,
    },
  );
}

/** Access denied may mean that the bucket is another account's, or that ours may not be looked at. */
async function isOurs(context: RestoreContext, name: string): Promise<boolean> {
  const sdk = await import('@aws-sdk/client-s3');
  const s3 = context.aws.client<S3Client>(sdk.S3Client);
  const command = new sdk.ListBucketsCommand({ Prefix: name, MaxBuckets: 1000 });
  const page = await required(s3.send(command, { abortSignal: context.signal }), 'ListBuckets', context.aws.account);
  return (page.Buckets ?? []).some((bucket) => bucket.Name === name);
}

function expectedOwner(context: RestoreContext): { ExpectedBucketOwner?: string } {
  return /^\d{12}$/.test(context.aws.account) ? { ExpectedBucketOwner: context.aws.account } : {};
}
