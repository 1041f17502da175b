import type { MultiRegionAccessPointReport, S3Control } from '@aws-sdk/client-s3-control';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';

async function* list({ client, aws }: Scene<S3Control>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(
      client.listMultiRegionAccessPoints({ AccountId: aws.account, MaxResults: 100, NextToken }),
      'ListMultiRegionAccessPoints',
      's3-account',
    );
  for await (const { AccessPoints = [] } of pages(ask, (page) => page.NextToken))
    for (const one of AccessPoints)
      yield {
        name: one.Name ?? '',
        id: `arn:aws:s3::${aws.account}:accesspoint/${one.Alias ?? ''}`,
        listed: factsOf(one),
      };
}

function factsOf(one: MultiRegionAccessPointReport): Json {
  const Regions = (one.Regions ?? []).map((region) => pick(region, 'Bucket', 'Region', 'BucketAccountId'));
  return { ...pick(one, 'Name', 'Alias', 'PublicAccessBlock'), Regions: inOrder(Regions) };
}

const policy: DocumentPart<S3Control> = {
  file: 'multi-region-policy.json',
  async read({ client, aws }: Scene<S3Control>, { name: Name, resource }: Address) {
    const asking = client.getMultiRegionAccessPointPolicy({ AccountId: aws.account, Name });
    const none = ['NoSuchMultiRegionAccessPointPolicy', 'NoSuchAccessPointPolicy'] as const;
    const found = await optional(asking, 'GetMultiRegionAccessPointPolicy', resource, ...none);
    // What is on its way everywhere, and what is in force until then.
    const text = found?.Policy?.Proposed?.Policy ?? found?.Policy?.Established?.Policy;
    return text ? (JSON.parse(text) as Json) : undefined;
  },
};

/** Which buckets get requests, and which wait (0) until somebody lets them. */
const routes: DocumentPart<S3Control> = {
  file: 'routes.json',
  async read({ client, aws }: Scene<S3Control>, { id: Mrap, resource }: Address) {
    const asking = client.getMultiRegionAccessPointRoutes({ AccountId: aws.account, Mrap });
    const { Routes = [] } = await required(asking, 'GetMultiRegionAccessPointRoutes', resource);
    const found = Routes.map((one) => pick(one, 'Bucket', 'Region', 'TrafficDialPercentage'));
    return found.length === 0 ? undefined : inOrder(found);
  },
};

function inOrder(all: Record<string, Json>[]): Json {
  const text = ({ Region, Bucket }: Record<string, Json>): string => `${Region as string} ${Bucket as string}`;
  return all.sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** One name for buckets of several regions. */
export const multiRegionAccessPoints: DocumentKind<S3Control> = {
  kind: 'multi-region-access-points',
  list,
  parts: [
    {
      file: 'multi-region-access-point.json',
      read: (_scene, _address, listed) => Promise.resolve(listed),
    },
    policy,
    routes,
  ],
  directoryOnly:
    'S3 takes up to a day to make a multi-region access point, its buckets are said once and for all, and its alias is another',
  notes: (_documents, { name, id }) => [
    {
      class: 'needs-human',
      what: 'a multi-region access point',
      why: 'S3 makes up its alias, which is its ARN and host name, and takes minutes to a day to make one.',
      action: `Once its buckets are back: CreateMultiRegionAccessPoint ${name} with the regions of its document, then PutMultiRegionAccessPointPolicy and SubmitMultiRegionAccessPointRoutes; tell whoever uses ${id}.`,
    },
  ],
};
