import type { Domain, DomainEntry, Lightsail } from '@aws-sdk/client-lightsail';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { factsOf } from '../documents/said.ts';
import { absent } from './by-name.ts';
import { homeRegion, lightsailClient } from './calls.ts';
import { inOrder, tagMap } from './listing.ts';
import { tags } from './tags.ts';

const files = { entries: 'entries.json', tags: 'tags.json' } as const;

/** Domains belong to no region, and one of them answers for them. */
async function homeClient({ aws }: Scene<Lightsail>): Promise<Lightsail> {
  return await lightsailClient(aws.inRegion(homeRegion));
}

async function* list(scene: Scene<Lightsail>): AsyncGenerator<Found> {
  if (scene.aws.region !== homeRegion) return;
  const all = pages(
    (pageToken) => required(scene.client.getDomains({ pageToken }), 'GetDomains', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const { domains: found = [] } of all)
    for (const one of found) {
      const own = tagMap(one.tags);
      yield { name: one.name ?? '', id: one.arn ?? '', tags: own, listed: { entries: entriesOf(one), tags: own } };
    }
}

async function read(scene: Scene<Lightsail>, { name, resource }: Address): Promise<Domain> {
  return await scene.once('domain', async () => {
    const client = await homeClient(scene);
    return (await required(client.getDomain({ domainName: name }), 'GetDomain', resource)).domain ?? {};
  });
}

/** Without those that Lightsail makes for the zone itself, and their ids. */
function entriesOf({ name, domainEntries = [] }: Domain): Json {
  return inOrder(domainEntries.filter((one) => !isOfZone(one, name)).map((one) => factsOf(one, 'id') as Json));
}

function isOfZone({ type, name }: DomainEntry, zone: string | undefined): boolean {
  return type === 'SOA' || (type === 'NS' && name === zone);
}

async function find(scene: Scene<Lightsail>, name: string): Promise<string | undefined> {
  const client = await homeClient(scene);
  const asking = client.getDomain({ domainName: name });
  const answer = await optional(asking, 'GetDomain', `lightsail/domains/${name}`, ...absent);
  return answer?.domain?.arn;
}

async function create(scene: Scene<Lightsail>, name: string, documents: Documents): Promise<Created> {
  const client = await homeClient(scene);
  const own = Object.entries((documents.get(files.tags) ?? {}) as Record<string, string>);
  const tagList = own.map(([key, value]) => ({ key, value }));
  const creating = client.createDomain({ domainName: name, ...(tagList.length > 0 ? { tags: tagList } : {}) });
  await required(creating, 'CreateDomain', `lightsail/domains/${name}`);
  return {
    id: (await find(scene, name)) ?? '',
    class: 'needs-human',
    note: 'The zone has other name servers: tell the registrar.',
  };
}

async function writeEntries(scene: Scene<Lightsail>, address: Address, wanted: Json | undefined): Promise<void> {
  const client = await homeClient(scene);
  const { name: domainName, resource } = address;
  const zone = (await required(client.getDomain({ domainName }), 'GetDomain', resource)).domain ?? {};
  const goals = new Map(((wanted ?? []) as unknown as DomainEntry[]).map((one) => [textOf(one), one]));
  for (const domainEntry of (zone.domainEntries ?? []).filter((one) => !isOfZone(one, zone.name))) {
    if (goals.delete(textOf(domainEntry))) continue;
    await required(client.deleteDomainEntry({ domainName, domainEntry }), 'DeleteDomainEntry', resource);
  }
  for (const domainEntry of goals.values())
    await required(client.createDomainEntry({ domainName, domainEntry }), 'CreateDomainEntry', resource);
}

function textOf(entry: DomainEntry): string {
  return canonicalJson(factsOf(entry, 'id'));
}

export const domains: DocumentKind<Lightsail> = {
  kind: 'domains',
  rank: 1,
  list,
  parts: [
    {
      file: files.entries,
      // Their targets are addresses that are restored in the same run.
      phase: 'settle',
      comparable: inOrder,
      async read(scene, address, listed) {
        const known = (listed as { readonly entries?: Json } | undefined)?.entries;
        return known ?? entriesOf(await read(scene, address));
      },
      write: writeEntries,
    },
    tags(async (scene, address) => tagMap((await read(scene, address)).tags), homeClient),
  ],
  live: { find, create },
  notes: () => [
    {
      class: 'needs-human',
      what: 'name servers',
      why: 'A zone that is made again has other name servers.',
      action: 'Keep access to the registrar of the domain, and tell it the new ones.',
    },
  ],
};
