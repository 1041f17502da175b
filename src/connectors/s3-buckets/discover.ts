import type { S3Client } from '@aws-sdk/client-s3';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { isCode, isItemError } from '../../kernel/errors.ts';
import { isAwsError, required } from '../aws/classify.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { bucketArn, openBucket, regionOf, sendByName } from './bucket.ts';
import { asText, type JsonRecord } from './json-record.ts';
import type { S3BucketsOptions } from './options.ts';

interface Named {
  readonly name: string;
  readonly region: string | undefined;
}

/** Every bucket of the account that the options select, with its region. */
export async function* discover(context: ConnectorContext<S3BucketsOptions>): AsyncGenerator<DiscoveredResource> {
  const found = mapOrdered(listBuckets(context), 16, async (bucket) => await locate(context, bucket));
  for await (const resource of found) {
    if (resource && (context.options.regions?.includes(resource.ref.region) ?? true)) yield resource;
  }
}

export async function* listBuckets(context: ConnectorContext<S3BucketsOptions>): AsyncGenerator<Named> {
  const sdk = await import('@aws-sdk/client-s3');
  const s3 = context.aws.client<S3Client>(sdk.S3Client);
  let token: string | undefined;
  do {
    // Only a paged request is answered with the region of each bucket.
    const command = new sdk.ListBucketsCommand({ MaxBuckets: 1000, ContinuationToken: token });
    const page = await required(s3.send(command, { abortSignal: context.signal }), 'ListBuckets', context.aws.account);
    for (const bucket of page.Buckets ?? []) {
      if (bucket.Name !== undefined) yield { name: bucket.Name, region: bucket.BucketRegion };
    }
    token = page.ContinuationToken;
  } while (token !== undefined);
}

async function locate(
  context: ConnectorContext<S3BucketsOptions>,
  bucket: Named,
): Promise<DiscoveredResource | undefined> {
  const asked = await openBucket(context, bucket.name, context.aws.region);
  let region = bucket.region;
  try {
    region ??= regionOf((await sendByName(asked, 'GetBucketLocation'))['LocationConstraint'] as string | undefined);
  } catch (error) {
    if (isCode(error, 'item.not-found')) return undefined;
    if (!isItemError(error)) throw error;
    // The bucket is there: capture asks again and says what failed.
  }
  const tags = context.options.tags === undefined ? {} : await tagsOf(context, bucket.name, region);
  if (!carries(tags, context.options.tags)) return undefined;
  return {
    ref: {
      type: 's3-buckets',
      name: bucket.name,
      id: bucketArn(bucket.name, region ?? context.aws.region),
      region: region ?? context.aws.region,
      account: context.aws.account,
    },
    tags: tags ?? {},
    listed: { region: region ?? null },
  };
}

async function tagsOf(
  context: ConnectorContext<S3BucketsOptions>,
  name: string,
  region: string | undefined,
): Promise<Readonly<Record<string, string>> | undefined> {
  const bucket = await openBucket(context, name, region ?? context.aws.region);
  try {
    const { TagSet } = await sendByName(bucket, 'GetBucketTagging');
    return Object.fromEntries(
      ((TagSet ?? []) as readonly JsonRecord[]).map((t) => [asText(t['Key']), asText(t['Value'])]),
    );
  } catch (error) {
    if (isAwsError(error, 'NoSuchTagSet')) return {};
    if (!isItemError(error)) throw error;
    return undefined;
  }
}

/** A bucket whose tags cannot be read counts as selected: better one too many than one unprotected. */
function carries(
  tags: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): boolean {
  if (tags === undefined) return true;
  return Object.entries(wanted ?? {}).every(
    ([key, value]) => tags[key] !== undefined && (value === '*' || tags[key] === value),
  );
}
