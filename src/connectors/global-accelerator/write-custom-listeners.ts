import type { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import type { Json } from '../../kernel/json.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import {
  knownCustomListeners,
  liveCustomListeners,
  settledCustom,
  subnetId,
  type CustomGroup,
  type CustomListener,
  type LiveCustomListener,
} from './custom-listeners.ts';
import { changesOf, deployed, type Change } from './deployed.ts';
import { portsInCommon, same } from './compare-listeners.ts';

/** Endpoints that one call takes. */
const endpointsPerCall = 20;

/** Makes the listeners so; one whose ports are wanted stays where it is, and what nobody wants goes first. */
async function writeCustomListeners(
  scene: Scene<GlobalAccelerator>,
  address: Address,
  wanted: readonly CustomListener[],
): Promise<void> {
  const { id, resource } = address;
  const change = changesOf(scene, address, 'custom');
  const live = await liveCustomListeners(scene, address);
  const kept = new Map(wanted.map((goal) => [goal, live.find(({ facts }) => portsInCommon(facts, goal))]));
  for (const one of live) if (![...kept.values()].includes(one)) await remove(change, one);
  for (const [goal, there] of kept) {
    const PortRanges = [...goal.PortRanges];
    if (there && !same(there.facts.PortRanges, PortRanges))
      await change('UpdateCustomRoutingListener', (client) =>
        client.updateCustomRoutingListener({ ListenerArn: there.arn, PortRanges }),
      );
    const made = there
      ? undefined
      : await change('CreateCustomRoutingListener', (client) =>
          client.createCustomRoutingListener({ AcceleratorArn: id, PortRanges }),
        );
    await writeGroups(change, goal, there, there?.arn ?? made?.Listener?.ListenerArn ?? '');
  }
  await deployed(scene, id, resource, 'custom');
}

async function remove(change: Change, { arn, groups }: LiveCustomListener): Promise<void> {
  for (const EndpointGroupArn of groups.values()) await removeGroup(change, EndpointGroupArn);
  await change('DeleteCustomRoutingListener', (client) => client.deleteCustomRoutingListener({ ListenerArn: arn }));
}

async function removeGroup(change: Change, EndpointGroupArn: string): Promise<void> {
  await change('DeleteCustomRoutingEndpointGroup', (client) =>
    client.deleteCustomRoutingEndpointGroup({ EndpointGroupArn }),
  );
}

/** A group whose destination ports differ is made again: nothing changes them. */
async function writeGroups(
  change: Change,
  goal: CustomListener,
  live: LiveCustomListener | undefined,
  ListenerArn: string,
): Promise<void> {
  const ports = ({ EndpointGroupRegion, DestinationDescriptions }: CustomGroup) => [
    EndpointGroupRegion,
    DestinationDescriptions,
  ];
  const kept = (one: CustomGroup): CustomGroup | undefined =>
    live?.facts.EndpointGroups.find((other) => same(ports(one), ports(other)));
  const wanted = new Set(goal.EndpointGroups.map((one) => kept(one)?.EndpointGroupRegion));
  for (const [region, arn] of live?.groups ?? []) if (!wanted.has(region)) await removeGroup(change, arn);
  for (const group of goal.EndpointGroups) {
    const there = kept(group);
    const known = there && live?.groups.get(group.EndpointGroupRegion);
    const EndpointGroupArn = known ?? (await createGroup(change, group, ListenerArn));
    const has = new Set((there?.Endpoints ?? []).map(subnetId));
    const wants = new Set(group.Endpoints.map(subnetId));
    const gone = [...has].filter((one) => !wants.has(one));
    if (gone.length > 0)
      await change('RemoveCustomRoutingEndpoints', (client) =>
        client.removeCustomRoutingEndpoints({ EndpointGroupArn, EndpointIds: gone }),
      );
    const missing = [...wants].filter((one) => !has.has(one)).map((EndpointId) => ({ EndpointId }));
    for (let at = 0; at < missing.length; at += endpointsPerCall) {
      const EndpointConfigurations = missing.slice(at, at + endpointsPerCall);
      await change('AddCustomRoutingEndpoints', (client) =>
        client.addCustomRoutingEndpoints({ EndpointGroupArn, EndpointConfigurations }),
      );
    }
  }
}

async function createGroup(change: Change, group: CustomGroup, ListenerArn: string): Promise<string> {
  const { EndpointGroupRegion, DestinationDescriptions } = group;
  const DestinationConfigurations = DestinationDescriptions.map(({ FromPort, ToPort, Protocols }) => ({
    FromPort,
    ToPort,
    Protocols,
  }));
  const made = await change('CreateCustomRoutingEndpointGroup', (client) =>
    client.createCustomRoutingEndpointGroup({ ListenerArn, EndpointGroupRegion, DestinationConfigurations }),
  );
  return made.EndpointGroup?.EndpointGroupArn ?? '';
}

/** With subnets by their bare ids, whoever's account they are in. */
function comparable(document: Json): Json {
  const listeners = settledCustom(document).map(({ PortRanges, EndpointGroups }) => ({
    PortRanges,
    EndpointGroups: EndpointGroups.map((group) => ({ ...group, Endpoints: group.Endpoints.map(subnetId) })),
  }));
  return listeners as unknown as Json;
}

/** Written once everything is there that endpoints name. */
export const customListeners: DocumentPart<GlobalAccelerator> = {
  file: 'custom-listeners.json',
  phase: 'settle',
  comparable,
  async read(scene, address) {
    const found = (await knownCustomListeners(scene, address)).map(({ facts }) => facts);
    return found.length === 0 ? undefined : (found as unknown as Json);
  },
  async write(scene, address, wanted) {
    await writeCustomListeners(scene, address, settledCustom(wanted));
  },
};
