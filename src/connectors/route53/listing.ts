import type {
  DelegationSet,
  HealthCheck,
  HostedZone,
  QueryLoggingConfig,
  ResourceRecordSet,
  TagResourceType,
} from '@aws-sdk/client-route-53';
import { HoldfastError } from '../../kernel/errors.ts';
import { compactJson } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { route53 } from './client.ts';
import { bareId } from './names.ts';
import { allPages } from '../aws/all-pages.ts';

// At five requests a second the number of calls is the run time: what Route 53 lists for many zones at once is not asked per zone.
const subject = 'route53/+account';
const idsPerTagCall = 10;

/** All zones, or those of one reusable delegation set. */
export async function listZones(aws: AwsAccess, DelegationSetId?: string): Promise<HostedZone[]> {
  const { client, sdk } = await route53(aws);
  return await allPages(async (Marker) => {
    const command = new sdk.ListHostedZonesCommand({ Marker, DelegationSetId });
    const page = await required(client.send(command), 'ListHostedZones', subject);
    return { items: page.HostedZones, next: page.IsTruncated === true ? page.NextMarker : undefined };
  });
}

/** Tags by id. */
export async function listTags(
  aws: AwsAccess,
  ResourceType: TagResourceType,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const { client, sdk } = await route53(aws);
  const tags = new Map<string, Record<string, string>>();
  for (let from = 0; from < ids.length; from += idsPerTagCall) {
    const ResourceIds = ids.slice(from, from + idsPerTagCall);
    const command = new sdk.ListTagsForResourcesCommand({ ResourceType, ResourceIds });
    const of = ids.length === 1 ? `route53 ${ResourceType} ${ids[0]}` : subject;
    const answer = await required(client.send(command), 'ListTagsForResources', of);
    for (const set of answer.ResourceTagSets ?? []) {
      const pairs = (set.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''] as const);
      tags.set(set.ResourceId ?? '', Object.fromEntries(pairs));
    }
  }
  return tags;
}

/** Query logging of all zones: there is at most one configuration to a zone. */
export async function listQueryLogging(aws: AwsAccess): Promise<QueryLoggingConfig[]> {
  const { client, sdk } = await route53(aws);
  return await allPages(async (NextToken) => {
    const command = new sdk.ListQueryLoggingConfigsCommand({ NextToken });
    const page = await required(client.send(command), 'ListQueryLoggingConfigs', subject);
    return { items: page.QueryLoggingConfigs, next: page.NextToken };
  });
}

/** Reusable delegation sets. */
export async function listDelegationSets(aws: AwsAccess): Promise<DelegationSet[]> {
  const { client, sdk } = await route53(aws);
  const sets = await allPages(async (Marker) => {
    const command = new sdk.ListReusableDelegationSetsCommand({ Marker });
    const page = await required(client.send(command), 'ListReusableDelegationSets', subject);
    return { items: page.DelegationSets, next: page.IsTruncated === true ? page.NextMarker : undefined };
  });
  // Only a reusable set has an id; moto lists the sets of all zones here, without one.
  return sets.map((set) => ({ ...set, Id: bareId(set.Id) })).filter((set) => set.Id !== '');
}

export async function listHealthChecks(aws: AwsAccess): Promise<HealthCheck[]> {
  const { client, sdk } = await route53(aws);
  return await allPages(async (Marker) => {
    const command = new sdk.ListHealthChecksCommand({ Marker });
    const page = await required(client.send(command), 'ListHealthChecks', subject);
    return { items: page.HealthChecks, next: page.IsTruncated === true ? page.NextMarker : undefined };
  });
}

/** Record sets of a zone in Route 53's own order (by reversed labels), 300 to a call. */
export async function* listRecords(
  aws: AwsAccess,
  HostedZoneId: string,
  resource: string,
): AsyncGenerator<ResourceRecordSet> {
  const { client, sdk } = await route53(aws);
  let start: Record<string, string | undefined> = {};
  for (;;) {
    const command = new sdk.ListResourceRecordSetsCommand({ HostedZoneId, ...start });
    const page = await required(client.send(command), 'ListResourceRecordSets', resource);
    yield* page.ResourceRecordSets ?? [];
    if (page.IsTruncated !== true) return;
    const next = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    };
    if (compactJson(next) === compactJson(start)) {
      throw new HoldfastError('item.unreadable', `the records of ${resource} go on where they began`, { resource });
    }
    start = next;
  }
}
