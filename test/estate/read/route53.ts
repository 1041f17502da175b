import {
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  ListTagsForResourceCommand,
  paginateListHealthChecks,
  paginateListHostedZones,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  type Route53Client,
  type TagResourceType,
} from '@aws-sdk/client-route-53';
import { sortedList, type DescribedItem } from '../description.ts';
import { inParallel } from '../parallel.ts';

const atOnce = 8;

export async function readRoute53(route53: Route53Client): Promise<DescribedItem[]> {
  const zones: string[] = [];
  for await (const page of paginateListHostedZones({ client: route53 }, {})) {
    zones.push(...(page.HostedZones ?? []).flatMap(({ Id }) => Id?.replace('/hostedzone/', '') ?? []));
  }
  const described = await inParallel(atOnce, zones, (id) => readZone(route53, id));
  const checks: DescribedItem[] = [];
  for await (const page of paginateListHealthChecks({ client: route53 }, {})) {
    for (const { Id = '', HealthCheckConfig } of page.HealthChecks ?? []) {
      const tags = await tagsOf(route53, 'healthcheck', Id);
      checks.push([`route53/health-check/${Id}`, { HealthCheckConfig, tags }]);
    }
  }
  return [...described.flat(), ...checks];
}

async function readZone(route53: Route53Client, Id: string): Promise<DescribedItem[]> {
  const { HostedZone, VPCs, DelegationSet } = await route53.send(new GetHostedZoneCommand({ Id }));
  const name = `${HostedZone?.Name}${HostedZone?.Config?.PrivateZone === true ? ' (private)' : ''}`;
  const items: DescribedItem[] = [
    [
      `route53/${name}`,
      {
        config: HostedZone?.Config,
        vpcs: VPCs,
        nameServers: DelegationSet?.NameServers,
        tags: await tagsOf(route53, 'hostedzone', Id),
      },
    ],
  ];
  for await (const record of records(route53, Id)) {
    const identity = [record.Name, record.Type, record.SetIdentifier].filter((part) => part !== undefined).join(' ');
    items.push([`route53/${name}/${identity}`, { ...record, ResourceRecords: sortedList(record.ResourceRecords) }]);
  }
  return items;
}

async function* records(route53: Route53Client, HostedZoneId: string): AsyncGenerator<ResourceRecordSet> {
  let start: Partial<ListResourceRecordSetsCommandInput> = {};
  for (;;) {
    const page = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId, ...start }));
    yield* page.ResourceRecordSets ?? [];
    if (page.IsTruncated !== true) return;
    start = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    };
  }
}

async function tagsOf(route53: Route53Client, ResourceType: TagResourceType, ResourceId: string): Promise<unknown> {
  const { ResourceTagSet } = await route53.send(new ListTagsForResourceCommand({ ResourceType, ResourceId }));
  return sortedList(ResourceTagSet?.Tags);
}
