import type { HostedZone, Route53 } from '@aws-sdk/client-route-53';
import type { Route53Domains } from '@aws-sdk/client-route-53-domains';
import type { CapturedResource } from '../../kernel/entry.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import type { RestoreContext } from '../contract.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { domainsClient, zonesClient } from './calls.ts';
import { detail, files } from './domains.ts';
import { inOrder } from './parts.ts';

/** `ns-1.awsdns-01.org`: of a zone of Route 53. */
const ofRoute53 = /^ns-\d+\.awsdns-\d+\./;

/** The zone of this account that the domain leads to. None: its name servers are of others, or of another account. */
export const delegation: DocumentPart<Route53Domains> = {
  file: files.delegation,
  comparable: () => undefined,
  async read(scene, address) {
    const { Nameservers = [] } = await detail(scene, address);
    if (Nameservers.length === 0 || !Nameservers.every(({ Name = '' }) => ofRoute53.test(Name))) return undefined;
    const own = canonicalJson({ NameServers: inOrder(Nameservers) });
    const zones = await zonesOf(scene.aws, address.name);
    const found = zones.find(({ servers }) => canonicalJson(servers) === own);
    return found && { HostedZoneId: found.id };
  },
};

/**
 * A context that leads a domain to the zone that is there now: a zone that was made again has other name servers than those of
 * the snapshot, which answer for nobody any more. Only of domains that led to a zone of the account. Where several zones of the
 * name are there and none has those of the snapshot, nobody can tell which one is meant, and what the domain has stays.
 */
export async function delegatingContext<Options>(
  context: RestoreContext<Options>,
  captured: CapturedResource,
): Promise<RestoreContext<Options>> {
  const { name } = captured.ref;
  const wanted = await captured.json('', files.nameServers);
  if (wanted === undefined || (await captured.json('', files.delegation)) === undefined) return context;
  const text = canonicalJson(wanted);
  const zones = await zonesOf(context.aws, name);
  if (zones.length === 0 || zones.some(({ servers }) => canonicalJson(servers) === text)) return context;
  const goal = zones.length === 1 ? zones[0]?.servers : await presentSet(context, name);
  if (goal === undefined) return context;
  return {
    ...context,
    rewrite: (document) => (canonicalJson(document) === text ? goal : context.rewrite(document)),
  };
}

interface Zone {
  readonly id: string;
  /** As name-servers.json says them. */
  readonly servers: Json;
}

/** Public zones of this name in the account. */
async function zonesOf(aws: AwsAccess, name: string): Promise<Zone[]> {
  const client = await zonesClient(aws);
  const resource = `route53-domains/${name}`;
  const found: Zone[] = [];
  for await (const { Id = '', Config } of zonesNamed(client, name, resource)) {
    if (Config?.PrivateZone === true) continue;
    const { DelegationSet } = await required(client.getHostedZone({ Id }), 'GetHostedZone', resource);
    const servers = { NameServers: inOrder((DelegationSet?.NameServers ?? []).map((server) => ({ Name: server }))) };
    found.push({ id: Id.slice(Id.lastIndexOf('/') + 1), servers });
  }
  return found;
}

/** The listing begins at a name; private zones of that name may be many. */
async function* zonesNamed(client: Route53, name: string, resource: string): AsyncGenerator<HostedZone> {
  const isOf = (one: string | undefined): boolean => one?.replace(/\.$/, '') === name;
  let HostedZoneId: string | undefined;
  do {
    const listing = client.listHostedZonesByName({ DNSName: name, HostedZoneId, MaxItems: 100 });
    const page = await required(listing, 'ListHostedZonesByName', resource);
    yield* (page.HostedZones ?? []).filter((one) => isOf(one.Name));
    HostedZoneId = page.IsTruncated === true && isOf(page.NextDNSName) ? page.NextHostedZoneId : undefined;
  } while (HostedZoneId !== undefined);
}

async function presentSet<Options>({ aws }: RestoreContext<Options>, DomainName: string): Promise<Json | undefined> {
  const client = await domainsClient(aws);
  const asking = client.getDomainDetail({ DomainName });
  // A domain that is not there is told where it is looked for.
  const found = await optional(asking, 'GetDomainDetail', `route53-domains/${DomainName}`, 'InvalidInput');
  return found && { NameServers: inOrder(found.Nameservers ?? []) };
}
