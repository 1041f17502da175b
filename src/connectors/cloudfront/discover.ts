import type { CloudFront, DistributionSummary } from '@aws-sdk/client-cloudfront';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { isItemError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { cloudFrontClient, everyPage } from './calls.ts';
import type { CloudFrontOptions } from './options.ts';

const type = 'cloudfront';

/** The resource that holds what distributions share: policies, access controls, functions, keys. */
export const accountResource = 'account';

/** What the listing said about a distribution. */
export interface ListedDistribution {
  readonly domainName: string;
  /** Absent where tags could not be read. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** One resource for what the account's distributions share, then every distribution, by its id. */
export async function* discover(context: ConnectorContext<CloudFrontOptions>): AsyncIterable<DiscoveredResource> {
  const { account } = context.aws;
  const client = await cloudFrontClient(context.aws);
  const common = { type, region: 'global', account };
  yield {
    ref: { ...common, name: accountResource, id: `arn:aws:cloudfront::${account}:${accountResource}` },
    tags: {},
  };
  yield* mapOrdered(allDistributions(client), 8, async ({ Id: name = '', ARN: id = '', DomainName = '' }) => {
    const tags = await tagsOf(client, id, `${type}/${name}`);
    const listed = { domainName: DomainName, ...(tags ? { tags } : {}) };
    return { ref: { ...common, name, id }, tags: tags ?? {}, listed };
  });
}

export function allDistributions(client: CloudFront): AsyncGenerator<DistributionSummary> {
  return everyPage('ListDistributions', type, async (from) => {
    const { DistributionList } = await client.listDistributions(from);
    return { items: DistributionList?.Items, next: DistributionList?.NextMarker };
  });
}

/** Tags group distributions by site; one whose tags are denied is still found, and its capture reports the denial. */
async function tagsOf(client: CloudFront, arn: string, resource: string): Promise<Record<string, string> | undefined> {
  try {
    return await readTags(client, arn, resource);
  } catch (error) {
    if (isItemError(error)) return undefined;
    throw error;
  }
}

export async function readTags(client: CloudFront, arn: string, resource: string): Promise<Record<string, string>> {
  const { Tags } = await required(client.listTagsForResource({ Resource: arn }), 'ListTagsForResource', resource);
  return Object.fromEntries((Tags?.Items ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
