import type { MultiRegionAccessPointReport, S3Control } from '@aws-sdk/client-s3-control';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { bucketArn, bucketName, policy, routes } from './multi-region-parts.ts';
import { finished } from './multi-region-operations.ts';

const file = 'multi-region-access-point.json';

/** What multi-region-access-point.json says; all of it is said once and for all. */
interface Facts {
  readonly Name?: string;
  /** Made up by S3: the last part of the ARN, and the first of the host name. */
  readonly Alias?: string;
  readonly PublicAccessBlock?: Readonly<Record<string, boolean>>;
  readonly Regions: readonly {
    /** As an ARN, which follows where the bucket goes under another name. */
    readonly Bucket: string;
    readonly Region?: string;
    /** Of another account's bucket. */
    readonly BucketAccountId?: string;
  }[];
}

/** Those that are on their way out are none any more. */
const leaving: readonly (string | undefined)[] = ['DELETING', 'PARTIALLY_DELETED'];

async function* present({ client, aws }: Scene<S3Control>): AsyncGenerator<MultiRegionAccessPointReport> {
  const ask = (NextToken?: string) =>
    required(
      client.listMultiRegionAccessPoints({ AccountId: aws.account, MaxResults: 100, NextToken }),
      'ListMultiRegionAccessPoints',
      's3-account',
    );
  for await (const { AccessPoints = [] } of pages(ask, (page) => page.NextToken))
    yield* AccessPoints.filter(({ Status }) => !leaving.includes(Status));
}

async function* list(scene: Scene<S3Control>): AsyncGenerator<Found> {
  for await (const one of present(scene))
    yield { name: one.Name ?? '', id: arnOf(scene, one.Alias), listed: factsOf(one, scene.aws.account) };
}

function arnOf({ aws }: Scene<S3Control>, alias = ''): string {
  return `arn:aws:s3::${aws.account}:accesspoint/${alias}`;
}

function factsOf(one: MultiRegionAccessPointReport, account: string): Json {
  const Regions = (one.Regions ?? []).map(({ Bucket = '', Region, BucketAccountId }) => ({
    Bucket: bucketArn(Bucket),
    ...(Region === undefined ? {} : { Region }),
    ...(BucketAccountId === undefined || BucketAccountId === account ? {} : { BucketAccountId }),
  }));
  Regions.sort((a, b) => (a.Bucket < b.Bucket ? -1 : 1));
  return { ...pick(one, 'Name', 'Alias', 'PublicAccessBlock'), Regions };
}

async function read(scene: Scene<S3Control>, { name, resource }: Address, listed?: Json): Promise<Json | undefined> {
  if (listed !== undefined) return listed;
  for await (const one of present(scene)) if (one.Name === name) return factsOf(one, scene.aws.account);
  throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
}

/** The region is that of the bucket, wherever it is; an earlier snapshot has the bucket by its bare name. */
function comparable(document: Json): Json {
  const { PublicAccessBlock, Regions } = document as unknown as Facts;
  const buckets = Regions.map(({ Bucket, BucketAccountId }) => [bucketName(Bucket), BucketAccountId ?? '']);
  buckets.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return { ...(PublicAccessBlock ? { PublicAccessBlock } : {}), buckets };
}

async function find(scene: Scene<S3Control>, name: string): Promise<string | undefined> {
  for await (const one of present(scene)) if (one.Name === name && one.Alias) return arnOf(scene, one.Alias);
  return undefined;
}

/** Made within minutes, or a day: S3 tells by a request that is asked for. */
async function create(scene: Scene<S3Control>, Name: string, documents: Documents): Promise<Created> {
  const resource = `s3-account/multi-region-access-points/${Name}`;
  const facts = documents.get(file) as unknown as Facts | undefined;
  if (!facts) throw new HoldfastError('item.not-found', `${resource} was captured without its buckets`, { resource });
  const { PublicAccessBlock, Regions, Alias: was = '' } = facts;
  const creating = scene.client.createMultiRegionAccessPoint({
    AccountId: scene.aws.account,
    Details: {
      Name,
      ...(PublicAccessBlock ? { PublicAccessBlock } : {}),
      Regions: Regions.map((one) => ({ ...pick(one, 'BucketAccountId'), Bucket: bucketName(one.Bucket) })),
    },
  });
  const { RequestTokenARN } = await required(creating, 'CreateMultiRegionAccessPoint', resource);
  await finished(scene, { what: 'CreateMultiRegionAccessPoint', resource, RequestTokenARN });
  const id = await find(scene, Name);
  if (id === undefined) throw new HoldfastError('item.changed', `${resource} was made, and is not there`, { resource });
  return { id, note: `Its alias is ${aliasOf(id)}; it was ${was}.`, class: 'new-identity' };
}

function aliasOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function follows(from: string, to: string): readonly { readonly from: string; readonly to: string }[] {
  const [was, is] = [aliasOf(from), aliasOf(to)];
  const host = (alias: string): string => `${alias}.accesspoint.s3-global.amazonaws.com`;
  return [
    { from: was, to: is },
    { from: host(was), to: host(is) },
  ];
}

function notes(_documents: Documents, { id }: Address): readonly LedgerNote[] {
  return [
    {
      class: 'new-identity',
      what: 'alias, ARN and host name',
      why: 'S3 makes up the alias of a multi-region access point; one that is made again has another, and takes minutes to a day to make.',
      action: `Know who uses ${id}: what is restored with it follows, and nothing else.`,
    },
  ];
}

/** One name for buckets of several regions. Made once its buckets are there, which come after the account. */
export const multiRegionAccessPoints: DocumentKind<S3Control> = {
  kind: 'multi-region-access-points',
  list,
  parts: [{ file, read, comparable }, policy, routes],
  live: { find, create, follows, phase: 'settle' },
  notes,
};
