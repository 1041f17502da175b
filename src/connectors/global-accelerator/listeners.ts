import type {
  EndpointGroup as GroupAnswer,
  GlobalAccelerator,
  Listener as ListenerAnswer,
} from '@aws-sdk/client-global-accelerator';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { groupFacts, whereEndpointsAre, type EndpointGroup } from './endpoint-groups.ts';

export interface PortRange {
  readonly FromPort: number;
  readonly ToPort: number;
}

/** One of listeners.json, with where it sends what it gets. */
export interface Listener {
  readonly Protocol: 'TCP' | 'UDP';
  readonly ClientAffinity: 'NONE' | 'SOURCE_IP';
  readonly PortRanges: readonly PortRange[];
  readonly EndpointGroups: readonly EndpointGroup[];
}

/** A listener that is there, with the ARNs by which it and its groups (of their regions) are changed. */
export interface LiveListener {
  readonly arn: string;
  readonly facts: Listener;
  readonly groups: ReadonlyMap<string, string>;
}

export async function liveListeners(
  { client, aws }: Scene<GlobalAccelerator>,
  { id, resource }: Address,
): Promise<LiveListener[]> {
  const asking = (NextToken?: string) =>
    required(client.listListeners({ AcceleratorArn: id, MaxResults: 100, NextToken }), 'ListListeners', resource);
  const found: LiveListener[] = [];
  for await (const { Listeners = [] } of pages(asking, (page) => page.NextToken))
    for (const one of Listeners) {
      const answers = await groupsOf(client, one, resource);
      const groups = new Map(answers.map((group) => [group.EndpointGroupRegion ?? '', group.EndpointGroupArn ?? '']));
      found.push({ arn: one.ListenerArn ?? '', facts: listenerFacts(one, answers, aws.account), groups });
    }
  return found.sort((a, b) => (orderOf(a.facts) < orderOf(b.facts) ? -1 : 1));
}

async function groupsOf(
  client: GlobalAccelerator,
  { ListenerArn }: ListenerAnswer,
  resource: string,
): Promise<GroupAnswer[]> {
  const asking = (NextToken?: string) =>
    required(client.listEndpointGroups({ ListenerArn, MaxResults: 100, NextToken }), 'ListEndpointGroups', resource);
  const found: GroupAnswer[] = [];
  for await (const { EndpointGroups = [] } of pages(asking, (page) => page.NextToken)) found.push(...EndpointGroups);
  return found;
}

function listenerFacts(one: ListenerAnswer, groups: readonly GroupAnswer[], account: string): Listener {
  const PortRanges = (one.PortRanges ?? []).map(({ FromPort = 0, ToPort = 0 }) => ({ FromPort, ToPort }));
  return {
    Protocol: one.Protocol ?? 'TCP',
    ClientAffinity: one.ClientAffinity ?? 'NONE',
    PortRanges: PortRanges.sort((a, b) => a.FromPort - b.FromPort),
    EndpointGroups: groups
      .map((group) => groupFacts(group, account))
      .sort((a, b) => (a.EndpointGroupRegion < b.EndpointGroupRegion ? -1 : 1)),
  };
}

function orderOf({ Protocol, PortRanges: [first] }: Listener): string {
  return `${Protocol} ${String(first?.FromPort ?? 0).padStart(5, '0')}`;
}

/** As it should be where its endpoints are after a restore. */
export function settledListener(listener: Listener): Listener {
  return { ...listener, EndpointGroups: whereEndpointsAre(listener.EndpointGroups) };
}
