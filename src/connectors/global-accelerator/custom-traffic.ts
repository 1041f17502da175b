import type { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { firstPort, knownCustomListeners, subnetArn, subnetId } from './custom-listeners.ts';

/** One of custom-traffic.json: which destinations in a subnet may get traffic; a subnet of which none may is not in it. */
interface Allowed {
  /** First port of the listener. */
  readonly FromPort: number;
  readonly Endpoint: string;
  /** All there are, and will be. */
  readonly All?: true;
  /** Ports by address. */
  readonly Destinations?: Readonly<Record<string, readonly number[]>>;
}

/** A subnet behind a listener that is there. */
interface Place {
  readonly EndpointGroupArn: string;
  readonly EndpointId: string;
}

/** Addresses, and ports, that one call takes. */
const perCall = 100;

async function placesOf(scene: Scene<GlobalAccelerator>, address: Address): Promise<Map<string, Place & Allowed>> {
  const places = new Map<string, Place & Allowed>();
  for (const { facts, groups } of await knownCustomListeners(scene, address))
    for (const { EndpointGroupRegion, Endpoints } of facts.EndpointGroups)
      for (const Endpoint of Endpoints) {
        const EndpointGroupArn = groups.get(EndpointGroupRegion) ?? '';
        const EndpointId = subnetId(Endpoint);
        const arn = subnetArn(EndpointId, EndpointGroupRegion, scene.aws.account);
        const place = { EndpointGroupArn, EndpointId, FromPort: firstPort(facts), Endpoint: arn };
        places.set(`${EndpointGroupArn} ${EndpointId}`, place);
      }
  return places;
}

/** Of at most 65,535 ports, 20,000 at a time. */
async function readTraffic(scene: Scene<GlobalAccelerator>, address: Address): Promise<Allowed[]> {
  const { client } = scene;
  const places = await placesOf(scene, address);
  if (places.size === 0) return [];
  const ask = (NextToken?: string) =>
    required(
      client.listCustomRoutingPortMappings({ AcceleratorArn: address.id, MaxResults: 20_000, NextToken }),
      'ListCustomRoutingPortMappings',
      address.resource,
    );
  const counts = new Map<string, { all: number; allowed: Map<string, Set<number>>; count: number }>();
  for await (const { PortMappings = [] } of pages(ask, (page) => page.NextToken))
    for (const { EndpointGroupArn, EndpointId, DestinationSocketAddress, DestinationTrafficState } of PortMappings) {
      const key = `${EndpointGroupArn} ${EndpointId}`;
      const one = counts.get(key) ?? { all: 0, allowed: new Map<string, Set<number>>(), count: 0 };
      counts.set(key, one);
      one.all++;
      if (DestinationTrafficState !== 'ALLOW') continue;
      one.count++;
      const { IpAddress = '', Port = 0 } = DestinationSocketAddress ?? {};
      one.allowed.set(IpAddress, (one.allowed.get(IpAddress) ?? new Set()).add(Port));
    }
  const found: Allowed[] = [];
  for (const [key, { FromPort, Endpoint }] of places) {
    const one = counts.get(key);
    if (!one || one.count === 0) continue;
    const sorted = [...one.allowed].map(([ip, ports]) => [ip, [...ports].sort((a, b) => a - b)] as const);
    const said = one.count === one.all ? ({ All: true } as const) : { Destinations: Object.fromEntries(sorted) };
    found.push({ FromPort, Endpoint, ...said });
  }
  return found.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Subnets may have moved to another region, and stay what they are. */
function keyOf({ FromPort, Endpoint }: Allowed): string {
  return `${String(FromPort).padStart(5, '0')} ${subnetId(Endpoint)}`;
}

/**
 * Which destinations may get traffic, as the service that matches clients with ports said when it was captured. Said again at the very
 * end; a subnet with other addresses refuses it.
 */
export const customTraffic: DocumentPart<GlobalAccelerator> = {
  file: 'custom-traffic.json',
  phase: 'enable',
  comparable: (document) =>
    Object.fromEntries(
      (document as unknown as Allowed[]).map((one) => [
        keyOf(one),
        one.All === true ? 'all' : (one.Destinations ?? {}),
      ]),
    ),
  async read(scene, address) {
    const found = await readTraffic(scene, address);
    return found.length === 0 ? undefined : (found as unknown as Json);
  },
  async write(scene, address, wanted, live) {
    const goals = new Map(((wanted ?? []) as unknown as Allowed[]).map((one) => [keyOf(one), one]));
    const now = new Map(((live ?? []) as unknown as Allowed[]).map((one) => [keyOf(one), one]));
    for (const place of (await placesOf(scene, address)).values())
      await settle(
        scene.client,
        { ...place, resource: address.resource },
        goals.get(keyOf(place)),
        now.get(keyOf(place)),
      );
  },
};

type Where = Place & { readonly resource: string };

async function settle(
  client: GlobalAccelerator,
  { EndpointGroupArn, EndpointId, resource }: Where,
  goal: Allowed | undefined,
  now: Allowed | undefined,
): Promise<void> {
  const place = { EndpointGroupArn, EndpointId };
  if (goal?.All === true) {
    if (now?.All === true) return;
    const allowing = client.allowCustomRoutingTraffic({ ...place, AllowAllTrafficToEndpoint: true });
    await required(allowing, 'AllowCustomRoutingTraffic', resource);
    return;
  }
  if (now?.All === true) {
    const denying = client.denyCustomRoutingTraffic({ ...place, DenyAllTrafficToEndpoint: true });
    await required(denying, 'DenyCustomRoutingTraffic', resource);
  }
  const has = now?.Destinations ?? {};
  const wants = goal?.Destinations ?? {};
  for (const batch of batches(has, wants))
    await required(client.denyCustomRoutingTraffic({ ...place, ...batch }), 'DenyCustomRoutingTraffic', resource);
  for (const batch of batches(wants, has))
    await required(client.allowCustomRoutingTraffic({ ...place, ...batch }), 'AllowCustomRoutingTraffic', resource);
}

/** What is in one and not in the other, as calls take it: addresses with the same ports together. */
function* batches(
  some: NonNullable<Allowed['Destinations']>,
  others: NonNullable<Allowed['Destinations']>,
): Generator<{ DestinationAddresses: string[]; DestinationPorts: number[] }> {
  const byPorts = new Map<string, { readonly ports: readonly number[]; readonly addresses: string[] }>();
  for (const [address, all] of Object.entries(some)) {
    const ports = all.filter((port) => !(others[address] ?? []).includes(port));
    const alike = byPorts.get(ports.join()) ?? { ports, addresses: [] };
    if (ports.length > 0) byPorts.set(ports.join(), alike);
    alike.addresses.push(address);
  }
  for (const { ports, addresses } of byPorts.values())
    for (let i = 0; i < addresses.length; i += perCall)
      for (let j = 0; j < ports.length; j += perCall)
        yield { DestinationAddresses: addresses.slice(i, i + perCall), DestinationPorts: ports.slice(j, j + perCall) };
}
