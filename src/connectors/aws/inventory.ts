import { fromAws } from './classify.ts';
import type { AwsAccess } from './contract.ts';
import { call } from '../contract.ts';

/** Something that exists in an account, whether any connector knows its type or not. */
export interface InventoryItem {
  readonly arn: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A list of what exists, of one account and region. Throws item errors where it is denied, or not switched on. */
export interface Inventory {
  readonly name: string;
  /** What it cannot see, for people. */
  readonly limits: string;
  list(aws: AwsAccess): AsyncIterable<InventoryItem>;
}

export const inventoryCalls = [
  call('tag', 'GetResources'),
  call('resource-explorer-2', 'ListResources', 'resource-explorer-2:ListResources', 'resource-explorer-2:Search'),
];

/** Everything that carries a tag, or ever did (Resource Groups Tagging API, GetResources). */
const tagged: Inventory = {
  name: 'tagging',
  limits: 'only what carries a tag, or ever did',
  async *list(aws) {
    const sdk = await import('@aws-sdk/client-resource-groups-tagging-api');
    const client = aws.client(sdk.ResourceGroupsTaggingAPI);
    let PaginationToken: string | undefined;
    do {
      const page = await client.getResources({ ResourcesPerPage: 100, PaginationToken }).catch((error: unknown) => {
        throw fromAws(error, 'GetResources', aws.region);
      });
      for (const { ResourceARN: arn, Tags = [] } of page.ResourceTagMappingList ?? []) {
        const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
        if (arn !== undefined) yield { arn, region: regionOf(arn), tags };
      }
      PaginationToken = page.PaginationToken || undefined;
    } while (PaginationToken !== undefined);
  },
};

/** Everything, tagged or not, where Resource Explorer has an index and a default view (ListResources). */
const explorer: Inventory = {
  name: 'resource-explorer',
  limits: 'only types that Resource Explorer supports, some hours late',
  async *list(aws) {
    const sdk = await import('@aws-sdk/client-resource-explorer-2');
    const client = aws.client(sdk.ResourceExplorer2);
    const Filters = { FilterString: `region:${aws.region}` };
    let NextToken: string | undefined;
    do {
      const asking = client.listResources({ Filters, MaxResults: 1000, ...(NextToken ? { NextToken } : {}) });
      const page = await asking.catch((error: unknown) => {
        throw fromAws(error, 'ListResources', aws.region);
      });
      for (const { Arn: arn, Region: region } of page.Resources ?? [])
        if (arn !== undefined) yield { arn, region: region ?? regionOf(arn), tags: {} };
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  },
};

export const inventories: readonly Inventory[] = [tagged, explorer];

function regionOf(arn: string): string {
  return arn.split(':')[3] || 'global';
}
