import type {
  CustomRoutingDestinationDescription,
  CustomRoutingEndpointGroup,
  CustomRoutingEndpointDescription,
  GlobalAccelerator,
} from '@aws-sdk/client-global-accelerator';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import type { PortRange } from './listeners.ts';

/** One of custom-listeners.json. */
export interface CustomListener {
  readonly PortRanges: readonly PortRange[];
  readonly EndpointGroups: readonly CustomGroup[];
}

export interface CustomGroup {
  readonly EndpointGroupRegion: string;
  /** Ports of every instance in the subnets. Said once and for all. */
  readonly DestinationDescriptions: readonly CustomRoutingDestinationDescription[];
  /** Subnets, as ARNs: so what a restore moves is found, and where it went. */
  readonly Endpoints: readonly string[];
}

/** One that is there, with the ARNs by which it and its groups (of their regions) are changed. */
export interface LiveCustomListener {
  readonly arn: string;
  readonly facts: CustomListener;
  readonly groups: ReadonlyMap<string, string>;
}

/** Asked once for what reads them together. */
export async function knownCustomListeners(
  scene: Scene<GlobalAccelerator>,
  address: Address,
): Promise<LiveCustomListener[]> {
  return await scene.once('custom listeners', () => liveCustomListeners(scene, address));
}

export async function liveCustomListeners(
  { client, aws }: Scene<GlobalAccelerator>,
  { id, resource }: Address,
): Promise<LiveCustomListener[]> {
  const ask = (NextToken?: string) =>
    required(
      client.listCustomRoutingListeners({ AcceleratorArn: id, MaxResults: 100, NextToken }),
      'ListCustomRoutingListeners',
      resource,
    );
  const found: LiveCustomListener[] = [];
  for await (const { Listeners = [] } of pages(ask, (page) => page.NextToken))
    for (const { ListenerArn: arn = '', PortRanges = [] } of Listeners) {
      const answers = await groupsOf(client, arn, resource);
      const groups = new Map(answers.map((one) => [one.EndpointGroupRegion ?? '', one.EndpointGroupArn ?? '']));
      const EndpointGroups = answers.map((one) => groupFacts(one, aws.account));
      found.push({ arn, facts: inOrder({ PortRanges: PortRanges as PortRange[], EndpointGroups }), groups });
    }
  return found.sort((a, b) => firstPort(a.facts) - firstPort(b.facts));
}

async function groupsOf(
  client: GlobalAccelerator,
  ListenerArn: string,
  resource: string,
): Promise<CustomRoutingEndpointGroup[]> {
  const found: CustomRoutingEndpointGroup[] = [];
  const ask = (NextToken?: string) =>
    required(
      client.listCustomRoutingEndpointGroups({ ListenerArn, MaxResults: 100, NextToken }),
      'ListCustomRoutingEndpointGroups',
      resource,
    );
  for await (const { EndpointGroups = [] } of pages(ask, (page) => page.NextToken)) found.push(...EndpointGroups);
  return found;
}

function groupFacts(one: CustomRoutingEndpointGroup, account: string): CustomGroup {
  const { EndpointGroupRegion = '', DestinationDescriptions = [], EndpointDescriptions = [] } = one;
  const arn = ({ EndpointId = '' }: CustomRoutingEndpointDescription): string =>
    subnetArn(EndpointId, EndpointGroupRegion, account);
  return { EndpointGroupRegion, DestinationDescriptions, Endpoints: EndpointDescriptions.map(arn) };
}

export function subnetArn(id: string, region: string, account: string): string {
  return `arn:aws:ec2:${region}:${account}:subnet/${id}`;
}

/** As calls want it. */
export function subnetId(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

export function firstPort({ PortRanges }: Pick<CustomListener, 'PortRanges'>): number {
  return PortRanges[0]?.FromPort ?? 0;
}

function inOrder({ PortRanges, EndpointGroups }: CustomListener): CustomListener {
  const sorted = <Item>(all: readonly Item[]): Item[] =>
    all.toSorted((a, b) => (canonicalJson(a as Json) < canonicalJson(b as Json) ? -1 : 1));
  return {
    PortRanges: PortRanges.toSorted((a, b) => a.FromPort - b.FromPort),
    EndpointGroups: sorted(
      EndpointGroups.map(({ EndpointGroupRegion, DestinationDescriptions, Endpoints }) => ({
        EndpointGroupRegion,
        DestinationDescriptions: sorted(
          DestinationDescriptions.map((one) => ({ ...one, Protocols: (one.Protocols ?? []).toSorted() })),
        ),
        Endpoints: Endpoints.toSorted(),
      })),
    ),
  };
}

/** A group is where its subnets are. In earlier snapshots they stand by their bare ids, and stay in its region. */
export function settledCustom(document: Json | undefined): CustomListener[] {
  const listeners = (document ?? []) as unknown as readonly CustomListener[];
  return listeners.map(({ PortRanges, EndpointGroups }) =>
    inOrder({
      PortRanges,
      EndpointGroups: EndpointGroups.map((group) => {
        const earlier = (group as Pick<CustomRoutingEndpointGroup, 'EndpointDescriptions'>).EndpointDescriptions ?? [];
        const {
          Endpoints = earlier.map(({ EndpointId = '' }) => subnetArn(EndpointId, group.EndpointGroupRegion, '')),
        } = group as Partial<CustomGroup>;
        const [, , , region] = (Endpoints[0] ?? '').split(':');
        return { ...group, EndpointGroupRegion: region || group.EndpointGroupRegion, Endpoints };
      }),
    }),
  );
}
