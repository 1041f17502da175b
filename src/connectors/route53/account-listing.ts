import type {
  CidrBlockSummary,
  CollectionSummary,
  TrafficPolicy,
  TrafficPolicyInstance,
} from '@aws-sdk/client-route-53';
import { optional, required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { route53 } from './client.ts';
import { allPages } from '../aws/all-pages.ts';

const subject = 'route53/+account';

// At AWS a list without an id is never "not found"; an endpoint that lacks the whole API (moto) answers 404.
const apiAbsent = 404;

export interface TrafficPolicyFamily {
  readonly id: string;
  readonly versions: readonly TrafficPolicy[];
}

/** Traffic policies with all their versions. */
export async function listTrafficPolicies(aws: AwsAccess): Promise<TrafficPolicyFamily[]> {
  const { client, sdk } = await route53(aws);
  const latest = await allPages(async (TrafficPolicyIdMarker) => {
    const command = new sdk.ListTrafficPoliciesCommand({ TrafficPolicyIdMarker });
    const page = await optional(client.send(command), 'ListTrafficPolicies', subject, apiAbsent);
    const next = page?.IsTruncated === true ? page.TrafficPolicyIdMarker : undefined;
    return { items: page?.TrafficPolicySummaries, next };
  });
  const families: TrafficPolicyFamily[] = [];
  for (const { Id } of latest) {
    const versions = await allPages(async (TrafficPolicyVersionMarker) => {
      const command = new sdk.ListTrafficPolicyVersionsCommand({ Id, TrafficPolicyVersionMarker });
      const page = await required(client.send(command), 'ListTrafficPolicyVersions', `route53 traffic policy ${Id}`);
      const next = page.IsTruncated === true ? page.TrafficPolicyVersionMarker : undefined;
      return { items: page.TrafficPolicies, next };
    });
    families.push({ id: Id ?? '', versions });
  }
  return families;
}

/** Which names are answered by traffic policies. */
export async function listTrafficPolicyInstances(aws: AwsAccess): Promise<TrafficPolicyInstance[]> {
  const { client, sdk } = await route53(aws);
  const instances: TrafficPolicyInstance[] = [];
  let marker = {};
  for (;;) {
    const command = new sdk.ListTrafficPolicyInstancesCommand(marker);
    const page = await required(client.send(command), 'ListTrafficPolicyInstances', subject);
    instances.push(...(page.TrafficPolicyInstances ?? []));
    if (page.IsTruncated !== true) return instances;
    marker = {
      HostedZoneIdMarker: page.HostedZoneIdMarker,
      TrafficPolicyInstanceNameMarker: page.TrafficPolicyInstanceNameMarker,
      TrafficPolicyInstanceTypeMarker: page.TrafficPolicyInstanceTypeMarker,
    };
  }
}

export interface CidrCollection extends CollectionSummary {
  readonly Blocks: readonly CidrBlockSummary[];
}

/** CIDR collections with the blocks of each location. */
export async function listCidrCollections(aws: AwsAccess): Promise<CidrCollection[]> {
  const { client, sdk } = await route53(aws);
  const found = await allPages(async (NextToken) => {
    const command = new sdk.ListCidrCollectionsCommand({ NextToken });
    const page = await optional(client.send(command), 'ListCidrCollections', subject, apiAbsent);
    return { items: page?.CidrCollections, next: page?.NextToken };
  });
  const collections: CidrCollection[] = [];
  for (const collection of found) {
    const Blocks = await allPages(async (NextToken) => {
      const command = new sdk.ListCidrBlocksCommand({ CollectionId: collection.Id, NextToken });
      const page = await required(client.send(command), 'ListCidrBlocks', `route53 CIDR collection ${collection.Id}`);
      return { items: page.CidrBlocks, next: page.NextToken };
    });
    collections.push({ ...collection, Blocks });
  }
  return collections;
}
