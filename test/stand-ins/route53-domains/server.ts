import type * as Sdk from '@aws-sdk/client-route-53-domains';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { jsonWithSeconds, listen, signedRegion, type Listening } from '../listen.ts';
import { Busy, operations, Refused } from './operations.ts';

export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly nameServers: readonly string[];
  readonly isPrivate?: boolean;
}

export interface State {
  readonly domains: Sdk.GetDomainDetailResponse[];
  readonly tags: Map<string, Map<string, string>>;
  /** Of Route 53 itself: what its zones are called, and who answers for them. */
  readonly zones: Zone[];
  /** How often an operation must be looked at before it is over; it fails where `fails` says why. */
  slow: number;
  fails: string | undefined;
  readonly operations: Map<string, { readonly domain: string; left: number; change(): void }>;
}

export interface DomainsStandIn extends Listening {
  readonly state: State;
}

/**
 * Ours, not an emulator: domains registered with Route 53, in the shapes of the SDK's model over JSON 1.1; and of Route 53 its list
 * of zones with their name servers. Domains answer in us-east-1 only, two at a time; changes at the registry take their time.
 */
export async function startDomains(): Promise<DomainsStandIn> {
  const state: State = { domains: [], tags: new Map(), zones: [], slow: 0, fails: undefined, operations: new Map() };
  return { ...(await listen((incoming, outgoing) => void serve(state, incoming, outgoing))), state };
}

async function serve(state: State, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const target = String(incoming.headers['x-amz-target'] ?? '');
  const body = await textOf(incoming);
  if (target === '') {
    outgoing.writeHead(200, { 'content-type': 'text/xml' });
    outgoing.end(zones(state, incoming.url ?? ''));
    return;
  }
  const region = signedRegion(incoming);
  const send = (status: number, answer: unknown): void => {
    outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    outgoing.end(jsonWithSeconds(answer));
  };
  try {
    if (region !== 'us-east-1') throw new Refused(`nothing answers in ${region}`);
    const operation = operations[target.split('.')[1] ?? ''];
    if (!operation) throw new Refused(`no such operation: ${target}`);
    send(200, operation(state, JSON.parse(body) as never));
  } catch (error) {
    if (error instanceof Busy)
      send(400, { __type: 'DuplicateRequest', message: error.message, requestId: error.requestId });
    else if (!(error instanceof Refused)) send(500, { __type: 'InternalFailure', message: String(error) });
    else send(400, { __type: 'InvalidInput', message: error.message });
  }
}

/** ListHostedZonesByName, two at a time from the name that is asked for; GetHostedZone. */
function zones(state: State, url: string): string {
  const zone = ({ id, name, isPrivate = false }: Zone): string =>
    `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}.</Name><CallerReference>${id}</CallerReference>` +
    `<Config><PrivateZone>${isPrivate}</PrivateZone></Config></HostedZone>`;
  const one = state.zones.find(({ id }) => url.endsWith(`/hostedzone/${id}`));
  if (!one) {
    const query = new URL(url, 'http://route53').searchParams;
    const place = ({ name, id }: Pick<Zone, 'name' | 'id'>): string => `${name.replace(/\.$/, '')} ${id}`;
    const from = place({ name: query.get('dnsname') ?? '', id: query.get('hostedzoneid') ?? '' });
    const all = state.zones.filter((each) => place(each) >= from).sort((a, b) => (place(a) < place(b) ? -1 : 1));
    const [first, second, next] = all;
    const page = [first, second].map((each) => (each ? zone(each) : '')).join('');
    const more = next ? `<NextDNSName>${next.name}.</NextDNSName><NextHostedZoneId>${next.id}</NextHostedZoneId>` : '';
    return `<ListHostedZonesByNameResponse><HostedZones>${page}</HostedZones><IsTruncated>${next !== undefined}</IsTruncated>${more}</ListHostedZonesByNameResponse>`;
  }
  const servers = one.nameServers.map((server) => `<NameServer>${server}</NameServer>`).join('');
  return `<GetHostedZoneResponse>${zone(one)}<DelegationSet><NameServers>${servers}</NameServers></DelegationSet></GetHostedZoneResponse>`;
}
