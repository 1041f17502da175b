import type { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { attachmentsOfOthers } from './attachments.ts';
import { changesOf, deployed, type Change } from './deployed.ts';
import { configurations, type EndpointGroup } from './endpoint-groups.ts';
import { liveListeners, type Listener, type LiveListener } from './listeners.ts';
import { portsInCommon, same } from './compare-listeners.ts';

/**
 * Makes the listeners of an accelerator so. What is there is changed where it is, so that it keeps its ARN; what nobody wants
 * goes first (endpoint groups before their listener), since two listeners cannot have one port.
 */
export async function writeListeners(
  scene: Scene<GlobalAccelerator>,
  address: Address,
  wanted: readonly Listener[],
): Promise<void> {
  const { id, resource } = address;
  const change = changesOf(scene, address, 'standard');
  const attachments = await attachmentsOfOthers(scene, address);
  const pairs = paired(wanted, await liveListeners(scene, address));
  for (const { live } of pairs.filter((pair) => pair.wanted === undefined)) if (live) await remove(change, live);
  for (const { wanted: goal, live } of pairs) {
    if (!goal) continue;
    const arn = live ? await adjust(change, goal, live) : await create(change, goal, address);
    await writeGroups(change, { goal, arn, live, attachments });
  }
  await deployed(scene, id, resource);
}

interface Pair {
  readonly wanted?: Listener;
  readonly live?: LiveListener;
}

/** Same ports first, then ports in common; what remains is new, or nobody's. */
function paired(wanted: readonly Listener[], live: readonly LiveListener[]): Pair[] {
  const left = new Set(live);
  const pairs = new Map<Listener, LiveListener>();
  for (const fits of [samePorts, portsInCommon])
    for (const goal of wanted) {
      if (pairs.has(goal)) continue;
      const found = [...left].find((one) => one.facts.Protocol === goal.Protocol && fits(one.facts, goal));
      if (!found) continue;
      left.delete(found);
      pairs.set(goal, found);
    }
  return [
    ...[...left].map((one) => ({ live: one })),
    ...wanted.map((goal) => {
      const found = pairs.get(goal);
      return found ? { wanted: goal, live: found } : { wanted: goal };
    }),
  ];
}

function samePorts(a: Listener, b: Listener): boolean {
  return same(a.PortRanges, b.PortRanges);
}

async function remove(change: Change, { arn, groups }: LiveListener): Promise<void> {
  for (const EndpointGroupArn of groups.values())
    await change('DeleteEndpointGroup', (client) => client.deleteEndpointGroup({ EndpointGroupArn }));
  await change('DeleteListener', (client) => client.deleteListener({ ListenerArn: arn }));
}

function settings({ Protocol, ClientAffinity, PortRanges }: Listener) {
  return { Protocol, ClientAffinity, PortRanges: [...PortRanges] };
}

async function adjust(change: Change, goal: Listener, { arn: ListenerArn, facts }: LiveListener): Promise<string> {
  if (!same(settings(goal), settings(facts)))
    await change('UpdateListener', (client) => client.updateListener({ ListenerArn, ...settings(goal) }));
  return ListenerArn;
}

async function create(change: Change, goal: Listener, { id, resource }: Address): Promise<string> {
  const { Listener: made } = await change('CreateListener', (client) =>
    client.createListener({ AcceleratorArn: id, ...settings(goal) }),
  );
  if (made?.ListenerArn !== undefined) return made.ListenerArn;
  throw new HoldfastError('item.changed', `a listener of ${resource} was created without an answer`, { resource });
}

interface Groups {
  readonly goal: Listener;
  readonly arn: string;
  readonly live: LiveListener | undefined;
  readonly attachments: ReadonlyMap<string, string>;
}

async function writeGroups(change: Change, { goal, arn, live, attachments }: Groups): Promise<void> {
  const wanted = new Set(goal.EndpointGroups.map((group) => group.EndpointGroupRegion));
  for (const [region, EndpointGroupArn] of live?.groups ?? [])
    if (!wanted.has(region))
      await change('DeleteEndpointGroup', (client) => client.deleteEndpointGroup({ EndpointGroupArn }));
  for (const group of goal.EndpointGroups) {
    const { EndpointGroupRegion } = group;
    const known = live?.groups.get(EndpointGroupRegion);
    const is = live?.facts.EndpointGroups.find((one) => one.EndpointGroupRegion === EndpointGroupRegion);
    if (is && same(is, group)) continue;
    const said = asked(group, attachments);
    if (known === undefined)
      await change('CreateEndpointGroup', (client) =>
        client.createEndpointGroup({ ListenerArn: arn, EndpointGroupRegion, ...said }),
      );
    else
      await change('UpdateEndpointGroup', (client) => client.updateEndpointGroup({ EndpointGroupArn: known, ...said }));
  }
}

/** All of it: what an update does not say stays as it is. */
function asked(group: EndpointGroup, attachments: ReadonlyMap<string, string>) {
  const { EndpointGroupRegion: _, Endpoints: _e, PortOverrides = [], ...checks } = group;
  return {
    ...checks,
    PortOverrides: PortOverrides.map((one) => ({ ...one })),
    EndpointConfigurations: configurations(group, attachments),
  };
}
