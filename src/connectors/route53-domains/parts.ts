import type { Nameserver, Route53Domains } from '@aws-sdk/client-route-53-domains';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { facts, pick, unlessEmpty } from '../documents/facts.ts';
import { tagsPart } from '../documents/tags.ts';
import { detail, files, readTags } from './domains.ts';
import { change } from './operations.ts';

/** What the registry says of it, for people. */
export const domain: DocumentPart<Route53Domains> = {
  file: files.domain,
  comparable: () => undefined,
  async read(scene, address) {
    const answer = await detail(scene, address);
    const { StatusList = [] } = answer;
    return {
      ...pick(answer, 'RegistrarName', 'RegistrarUrl', 'WhoIsServer', 'RegistryDomainId', 'AbuseContactEmail'),
      ...pick(answer, 'CreationDate', 'ExpirationDate'),
      StatusList: StatusList.toSorted(),
    };
  },
};

/** With their addresses, where they are within the domain itself (glue). */
export const nameServers: DocumentPart<Route53Domains> = {
  file: files.nameServers,
  phase: 'settle',
  async read(scene, address) {
    const { Nameservers = [] } = await detail(scene, address);
    return { NameServers: inOrder(Nameservers) };
  },
  async write(scene, address, wanted) {
    const { NameServers } = wanted as unknown as { readonly NameServers: Nameserver[] };
    const input = { DomainName: address.name, Nameservers: NameServers };
    await change(scene, address, 'UpdateDomainNameservers', () => scene.client.updateDomainNameservers(input));
  },
};

export function inOrder(servers: readonly Nameserver[]): Json {
  return servers
    .map(({ Name = '', GlueIps = [] }) => ({
      Name: Name.toLowerCase().replace(/\.$/, ''),
      ...(GlueIps.length > 0 ? { GlueIps: GlueIps.toSorted() } : {}),
    }))
    .sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

interface Settings {
  readonly AutoRenew: boolean;
  readonly TransferLock: boolean;
}

/** Whether it is renewed by itself, and locked against transfers. */
export const settings: DocumentPart<Route53Domains> = {
  file: files.settings,
  async read(scene, address) {
    const { AutoRenew = false, StatusList = [] } = await detail(scene, address);
    return { AutoRenew, TransferLock: StatusList.includes('clientTransferProhibited') };
  },
  async write(scene, address, wanted, live) {
    const goal = wanted as unknown as Settings;
    const now = live as unknown as Settings;
    const { client } = scene;
    const { name: DomainName, resource } = address;
    if (goal.TransferLock !== now.TransferLock) {
      const what = goal.TransferLock ? 'EnableDomainTransferLock' : 'DisableDomainTransferLock';
      await change(scene, address, what, () =>
        goal.TransferLock
          ? client.enableDomainTransferLock({ DomainName })
          : client.disableDomainTransferLock({ DomainName }),
      );
    }
    if (goal.AutoRenew === now.AutoRenew) return;
    if (goal.AutoRenew) await required(client.enableDomainAutoRenew({ DomainName }), 'EnableDomainAutoRenew', resource);
    else await required(client.disableDomainAutoRenew({ DomainName }), 'DisableDomainAutoRenew', resource);
  },
};

/** Keys whose digests the registry publishes. Put back beside a zone that signs with another key they would take the domain off the net. */
export const dnssec: DocumentPart<Route53Domains> = {
  file: files.dnssec,
  comparable: () => undefined,
  async read(scene, address) {
    const { DnssecKeys = [] } = await detail(scene, address);
    const keys = DnssecKeys.map((key) => facts(key, 'Id'));
    keys.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
    return keys.length === 0 ? undefined : keys;
  },
};

/** Names, addresses and telephone numbers of people. */
export const contacts: DocumentPart<Route53Domains> = {
  file: files.contacts,
  secret: true,
  comparable: () => undefined,
  async read(scene, address) {
    const answer = await detail(scene, address);
    const who = ['Registrant', 'Admin', 'Tech', 'Billing'].flatMap((role) => [`${role}Contact`, `${role}Privacy`]);
    return unlessEmpty(pick(answer, ...who));
  },
};

export const tags = tagsPart<Route53Domains, unknown>({
  read: readTags,
  add: ({ client }, { name, resource }, TagsToUpdate) =>
    required(client.updateTagsForDomain({ DomainName: name, TagsToUpdate }), 'UpdateTagsForDomain', resource),
  remove: ({ client }, { name, resource }, TagsToDelete) =>
    required(client.deleteTagsForDomain({ DomainName: name, TagsToDelete }), 'DeleteTagsForDomain', resource),
});
