import type * as Sdk from '@aws-sdk/client-route-53-domains';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { operations, Refused } from './operations.ts';

export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly nameServers: readonly string[];
}

export interface State {
  readonly domains: Sdk.GetDomainDetailResponse[];
  readonly tags: Map<string, Map<string, string>>;
  /** Of Route 53 itself: what its zones are called, and who answers for them. */
  readonly zones: Zone[];
  /** How often an operation must be looked at before it is over; it fails where `fails` says why. */
  slow: number;
  fails: string | undefined;
  readonly operations: Map<string, { left: number }>;
}

export interface DomainsStandIn {
  readonly endpoint: string;
  readonly state: State;
  stop(): Promise<void>;
}

/**
 * Ours, not an emulator: domains registered with Route 53, in the shapes of the SDK's model over JSON 1.1; and of Route 53 its list
 * of zones with their name servers. Domains answer in us-east-1 only, two at a time; changes at the registry take their time.
 */
export async function startDomains(): Promise<DomainsStandIn> {
  const state: State = { domains: [], tags: new Map(), zones: [], slow: 0, fails: undefined, operations: new Map() };
  const server = createServer((incoming, outgoing) => void serve(state, incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(state: State, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const target = String(incoming.headers['x-amz-target'] ?? '');
  const body = await textOf(incoming);
  if (target === '') {
    outgoing.writeHead(200, { 'content-type': 'text/xml' });
    outgoing.end(zones(state, incoming.url ?? ''));
    return;
  }
  const region = /Credential=[^/]*\/\d+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
  const send = (status: number, answer: unknown): void => {
    outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    outgoing.end(JSON.stringify(answer, dates));
  };
  try {
    if (region !== 'us-east-1') throw new Refused(`nothing answers in ${region}`);
    const operation = operations[target.split('.')[1] ?? ''];
    if (!operation) throw new Refused(`no such operation: ${target}`);
    send(200, operation(state, JSON.parse(body) as never));
  } catch (error) {
    if (!(error instanceof Refused)) send(500, { __type: 'InternalFailure', message: String(error) });
    else send(400, { __type: 'InvalidInput', message: error.message });
  }
}

/** ListHostedZonesByName, GetHostedZone. */
function zones(state: State, url: string): string {
  const zone = ({ id, name }: Zone): string =>
    `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}.</Name><CallerReference>${id}</CallerReference></HostedZone>`;
  const one = state.zones.find(({ id }) => url.endsWith(`/hostedzone/${id}`));
  if (!one) {
    const all = state.zones.map(zone).join('');
    return `<ListHostedZonesByNameResponse><HostedZones>${all}</HostedZones><IsTruncated>false</IsTruncated></ListHostedZonesByNameResponse>`;
  }
  const servers = one.nameServers.map((server) => `<NameServer>${server}</NameServer>`).join('');
  return `<GetHostedZoneResponse>${zone(one)}<DelegationSet><NameServers>${servers}</NameServers></DelegationSet></GetHostedZoneResponse>`;
}

/** Dates are seconds in JSON 1.1. */
function dates(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const own = this[key];
  return own instanceof Date ? own.getTime() / 1000 : value;
}
