import type { GetDomainDetailResponse, Route53Domains } from '@aws-sdk/client-route-53-domains';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import { ifAllowed } from '../documents/allowed.ts';
import type { Address, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf } from '../documents/tags.ts';

export const files = {
  domain: 'domain.json',
  nameServers: 'name-servers.json',
  delegation: 'delegation.json',
  settings: 'settings.json',
  dnssec: 'dnssec.json',
  contacts: 'contacts.json',
  tags: 'tags.json',
} as const;

/** What the listing says, for the ledger. */
export interface Listed {
  /** ISO 8601. */
  readonly expiry?: string;
  readonly autoRenew?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

export async function* listDomains(scene: Scene<Route53Domains>): AsyncGenerator<Found> {
  const ask = (Marker?: string) =>
    required(scene.client.listDomains({ MaxItems: 100, Marker }), 'ListDomains', 'route53-domains');
  for await (const { Domains = [] } of pages(ask, (page) => page.NextPageMarker ?? undefined))
    for (const { DomainName: name = '', Expiry, AutoRenew } of Domains) {
      const tags = await ifAllowed(readTags(scene, { name, id: name, resource: `route53-domains/${name}` }));
      const listed: Listed = {
        ...(Expiry === undefined ? {} : { expiry: Expiry.toISOString() }),
        ...(AutoRenew === undefined ? {} : { autoRenew: AutoRenew }),
        ...(tags ? { tags } : {}),
      };
      yield { name, id: name, ...(tags ? { tags } : {}), listed: listed as never };
    }
}

export async function readTags(
  { client }: Scene<Route53Domains>,
  { name, resource }: Address,
): Promise<Record<string, string>> {
  const asking = client.listTagsForDomain({ DomainName: name });
  return tagsOf((await required(asking, 'ListTagsForDomain', resource)).TagList);
}

/** Asked once for all documents of a domain. */
export async function detail(
  { client, once }: Scene<Route53Domains>,
  { name, resource }: Address,
): Promise<GetDomainDetailResponse> {
  return await once('detail', () =>
    required(client.getDomainDetail({ DomainName: name }), 'GetDomainDetail', resource),
  );
}

/** By the list: asked for a domain of somebody else, Route 53 says no more than that something is invalid. */
export async function findDomain(scene: Scene<Route53Domains>, name: string): Promise<string | undefined> {
  const ask = (Marker?: string) =>
    required(scene.client.listDomains({ MaxItems: 100, Marker }), 'ListDomains', 'route53-domains');
  for await (const { Domains = [] } of pages(ask, (page) => page.NextPageMarker ?? undefined))
    if (Domains.some(({ DomainName }) => DomainName === name)) return name;
  return undefined;
}

/** A registration is made by money and by the registry, never by a restore. */
export function notRegistered(name: string): Promise<never> {
  const resource = `route53-domains/${name}`;
  return Promise.reject(
    new HoldfastError('item.not-found', `${name} is not registered in this account, and no restore can register it`, {
      resource,
      hint:
        'Expired: renew it at once, most registries keep it for 30 days at a higher price (RenewDomain, or a case with AWS Support). ' +
        'Transferred away: ask the registrar that has it, and ICANN’s transfer dispute where nobody here asked for it. ' +
        'In another account: restore into that one (--account). Free: register it again (RegisterDomain) with contacts.json, then restore the rest.',
    }),
  );
}
