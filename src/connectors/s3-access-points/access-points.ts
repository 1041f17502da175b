import type { GetAccessPointResult, S3Control } from '@aws-sdk/client-s3-control';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { optional, required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { ifAllowed } from '../documents/allowed.ts';
import type { Address, Created, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList, tagsOf } from '../documents/tags.ts';

export const files = { accessPoint: 'access-point.json', policy: 'policy.json', tags: 'tags.json' } as const;

/** What access-point.json says; all of it is said once and for all. */
export interface AccessPoint {
  /** As an ARN, which follows where the bucket goes under another name. */
  readonly Bucket: string;
  /** Of another account's bucket. */
  readonly BucketAccountId?: string;
  readonly VpcConfiguration?: { readonly VpcId: string };
  readonly PublicAccessBlockConfiguration?: Readonly<Record<string, boolean>>;
  /** Made up by S3; programs use it like the name of a bucket. */
  readonly Alias?: string;
}

const bucketPrefix = 'arn:aws:s3:::';

export function arnOf({ region, account }: AwsAccess, name: string): string {
  return `arn:aws:s3:${region}:${account}:accesspoint/${name}`;
}

export async function* listAccessPoints(scene: Scene<S3Control>): AsyncGenerator<Found> {
  const { client, aws } = scene;
  const ask = (NextToken?: string) =>
    required(
      client.listAccessPoints({ AccountId: aws.account, MaxResults: 1000, NextToken }),
      'ListAccessPoints',
      's3-access-points',
    );
  for await (const { AccessPointList = [] } of pages(ask, (page) => page.NextToken))
    for (const { Name: name = '', Bucket, AccessPointArn: id = arnOf(aws, name) } of AccessPointList) {
      // Those of a volume of FSx belong to it.
      if (Bucket === undefined) continue;
      const tags = await ifAllowed(readTags(scene, { name, id, resource: `s3-access-points/${name}` }));
      yield { name, id, ...(tags ? { tags, listed: { tags } } : {}) };
    }
}

export async function readTags(
  { client, aws }: Scene<S3Control>,
  { id, resource }: Address,
): Promise<Record<string, string>> {
  const asking = client.listTagsForResource({ AccountId: aws.account, ResourceArn: id });
  return tagsOf((await required(asking, 'ListTagsForResource', resource)).Tags);
}

export function asAccessPoint(answer: GetAccessPointResult, account: string): AccessPoint {
  const { Bucket = '', BucketAccountId, Alias } = answer;
  return {
    Bucket: `${bucketPrefix}${Bucket}`,
    ...(BucketAccountId === undefined || BucketAccountId === account ? {} : { BucketAccountId }),
    ...pick(answer, 'VpcConfiguration', 'PublicAccessBlockConfiguration'),
    ...(Alias === undefined ? {} : { Alias }),
  };
}

/** Also tells what its alias is now, where an earlier restore made it. */
export async function findAccessPoint(
  { client, aws, learn }: Scene<S3Control> & Partial<Pick<RestoreContext, 'learn'>>,
  Name: string,
  documents: Documents,
): Promise<string | undefined> {
  const asking = client.getAccessPoint({ AccountId: aws.account, Name });
  const found = await optional(asking, 'GetAccessPoint', `s3-access-points/${Name}`, 'NoSuchAccessPoint');
  if (!found) return undefined;
  const was = (documents.get(files.accessPoint) as unknown as AccessPoint | undefined)?.Alias;
  if (was !== undefined && found.Alias !== undefined && was !== found.Alias) learn?.(was, found.Alias);
  return found.AccessPointArn ?? arnOf(aws, Name);
}

export async function createAccessPoint(
  { client, aws }: Scene<S3Control>,
  Name: string,
  documents: Documents,
): Promise<Created> {
  const resource = `s3-access-points/${Name}`;
  const wanted = documents.get(files.accessPoint) as unknown as AccessPoint | undefined;
  if (!wanted) throw new HoldfastError('item.not-found', `${resource} was captured without its bucket`, { resource });
  const { Bucket, Alias: was, ...settings } = wanted;
  const Tags = tagList(documents.get(files.tags));
  const creating = client.createAccessPoint({
    AccountId: aws.account,
    Name,
    Bucket: Bucket.slice(bucketPrefix.length),
    ...settings,
    ...(Tags.length > 0 ? { Tags } : {}),
  });
  const { AccessPointArn: id = arnOf(aws, Name), Alias: is } = await required(creating, 'CreateAccessPoint', resource);
  if (was === undefined || is === undefined || was === is) return { id };
  return { id, identities: [{ from: was, to: is }], class: 'new-identity', note: `Its alias is ${is}; it was ${was}.` };
}

export function notes(documents: Documents): readonly LedgerNote[] {
  const { Alias } = (documents.get(files.accessPoint) ?? {}) as Partial<AccessPoint>;
  if (Alias === undefined) return [];
  return [
    {
      class: 'new-identity',
      what: 'alias',
      why: 'S3 makes up the alias of an access point; one that is made again has another.',
      action: `Let programs use the ARN. Look for those that use ${Alias} in place of a bucket’s name; what is restored with it follows.`,
    },
  ];
}
