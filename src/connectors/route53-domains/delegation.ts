import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { optional, required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { domainsClient, zonesClient } from './calls.ts';
import { files } from './domains.ts';
import { inOrder } from './parts.ts';

interface NameServers {
  readonly NameServers: readonly { readonly Name: string }[];
}

/** `ns-1.awsdns-01.org`: of a zone of Route 53. */
const ofRoute53 = /^ns-\d+\.awsdns-\d+\./;

/**
 * A context that delegates a domain to the zone that is there now: a zone that was made again has other name servers than
 * those of the snapshot, which answer for nobody any more. Where several zones of the name are there and none has those of
 * the snapshot, nobody can tell which one is meant, and what the domain has stays.
 */
export async function delegatingContext<Options>(
  context: RestoreContext<Options>,
  captured: CapturedResource,
): Promise<RestoreContext<Options>> {
  const wanted = (await captured.json('', files.nameServers)) as unknown as NameServers | undefined;
  if (!wanted?.NameServers.every(({ Name }) => ofRoute53.test(Name))) return context;
  const sets = await setsOf(context, captured.ref.name);
  const text = canonicalJson(wanted as unknown as Json);
  if (sets.length === 0 || sets.some((one) => canonicalJson(one) === text)) return context;
  const goal = sets.length === 1 ? sets[0] : await presentSet(context, captured.ref.name);
  if (goal === undefined) return context;
  return {
    ...context,
    rewrite: (document) => (canonicalJson(document) === text ? goal : context.rewrite(document)),
  };
}

/** Name servers of each public zone of this name in the account, as name-servers.json says them. */
async function setsOf<Options>({ aws }: RestoreContext<Options>, name: string): Promise<Json[]> {
  const client = await zonesClient(aws);
  const resource = `route53-domains/${name}`;
  const listing = client.listHostedZonesByName({ DNSName: name, MaxItems: 10 });
  const { HostedZones = [] } = await required(listing, 'ListHostedZonesByName', resource);
  const found: Json[] = [];
  for (const { Id, Name, Config } of HostedZones) {
    if (Name?.replace(/\.$/, '') !== name || Config?.PrivateZone === true) continue;
    const { DelegationSet } = await required(client.getHostedZone({ Id }), 'GetHostedZone', resource);
    found.push({ NameServers: inOrder((DelegationSet?.NameServers ?? []).map((Name) => ({ Name }))) });
  }
  return found;
}

async function presentSet<Options>({ aws }: RestoreContext<Options>, DomainName: string): Promise<Json | undefined> {
  const client = await domainsClient(aws);
  const asking = client.getDomainDetail({ DomainName });
  // A domain that is not there is told where it is looked for.
  const found = await optional(asking, 'GetDomainDetail', `route53-domains/${DomainName}`, 'InvalidInput');
  return found && { NameServers: inOrder(found.Nameservers ?? []) };
}
