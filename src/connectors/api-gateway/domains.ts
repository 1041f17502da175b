import type { APIGateway, CreateDomainNameRequest, DomainName } from '@aws-sdk/client-api-gateway';
import type { LedgerNote } from '../../kernel/entry.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { meant } from '../documents/numbered.ts';
import { restApis } from './api.ts';
import { allOf } from './calls.ts';
import { patchesOf } from './patches.ts';
import { writeTags } from './tags.ts';

const file = 'domain.json';
/** Where names of the domain must point to; AWS gives them, and gives others to a domain that is made again. */
const addresses = ['regionalDomainName', 'distributionDomainName'] as const;
const byNature = [
  'regionalHostedZoneId',
  'distributionHostedZoneId',
  'domainNameStatus',
  'domainNameStatusMessage',
  'domainNameId',
  'domainNameArn',
] as const;

async function* listDomains({ client }: Scene<APIGateway>): AsyncGenerator<Found> {
  const all = await allOf(
    (position) => client.getDomainNames({ limit: 500, position }),
    'GetDomainNames',
    'api-gateway',
  );
  for (const domain of all.sort((a, b) => ((a.domainName ?? '') < (b.domainName ?? '') ? -1 : 1))) {
    const { domainName = '', tags = {} } = domain;
    // Private ones have policies and access associations of their own, and a name may stand for several.
    if (domain.endpointConfiguration?.types?.includes('PRIVATE')) continue;
    yield { name: domainName, id: domainName, tags, listed: factsOf(domain, ...byNature) };
  }
}

async function domainOf(
  { client, once }: Scene<APIGateway>,
  { name, resource }: Address,
  listed?: Json,
): Promise<Facts> {
  if (listed !== undefined) return listed as Facts;
  const asking = async (): Promise<DomainName> =>
    await required(client.getDomainName({ domainName: name }), 'GetDomainName', resource);
  return factsOf(await once('domain', asking), ...byNature);
}

const domain: DocumentPart<APIGateway> = {
  file,
  read: async (scene, address, listed) => await domainOf(scene, address, listed),
  comparable: (document) => without(document, ...addresses),
  async write(scene, address, wanted, live) {
    const [to, from] = [(wanted ?? {}) as Facts, (live ?? {}) as Facts];
    const patchOperations = patchesOf(to, from, {
      certificateArn: '/certificateArn',
      certificateName: '/certificateName',
      regionalCertificateArn: '/regionalCertificateArn',
      regionalCertificateName: '/regionalCertificateName',
      securityPolicy: '/securityPolicy',
      ownershipVerificationCertificateArn: '/ownershipVerificationCertificateArn',
    });
    const update = { domainName: address.name, patchOperations };
    if (patchOperations.length > 0)
      await required(scene.client.updateDomainName(update), 'UpdateDomainName', address.resource);
    if (canonicalJson(to['tags'] ?? {}) !== canonicalJson(from['tags'] ?? {}))
      await writeTags(scene, address, `/domainnames/${address.name}`, to['tags'], from['tags']);
  },
};

interface Mapping {
  readonly basePath: string;
  readonly apiId: string;
  readonly api?: string;
  readonly stage?: string;
}

/** Which REST API answers at which path. */
const mappings: DocumentPart<APIGateway> = {
  file: 'mappings.json',
  phase: 'settle',
  async read(scene, address) {
    const { client } = scene;
    const page = (position: string | undefined) =>
      client.getBasePathMappings({ domainName: address.name, position, limit: 500 });
    const all = await optional(
      allOf(page, 'GetBasePathMappings', address.resource),
      'GetBasePathMappings',
      address.resource,
      'NotFoundException',
    );
    if (all === undefined || all.length === 0) return undefined;
    const apis = await restApis(scene);
    const found = all.map(({ basePath = '(none)', restApiId = '', stage }) => {
      const api = apis.find(({ id }) => id === restApiId)?.name;
      return {
        basePath,
        apiId: restApiId,
        ...(api === undefined ? {} : { api }),
        ...(stage === undefined ? {} : { stage }),
      };
    });
    return found.sort((a, b) => (a.basePath < b.basePath ? -1 : 1));
  },
  comparable: (document) => (document as Json[]).map((one) => ('api' in (one as object) ? without(one, 'apiId') : one)),
  async write(scene, address, wanted, live) {
    const { client } = scene;
    const { name: domainName, resource } = address;
    const apis = await restApis(scene);
    const to = (wanted ?? []) as unknown as Mapping[];
    const from = (live ?? []) as unknown as Mapping[];
    const same = (a: Mapping, b: Mapping): boolean =>
      a.basePath === b.basePath && a.stage === b.stage && target(a) === target(b);
    const target = ({ api, apiId }: Mapping): string => meant(apis, api, { id: apiId })?.id ?? apiId;
    for (const old of from.filter((one) => !to.some((other) => same(one, other))))
      await required(
        client.deleteBasePathMapping({ domainName, basePath: old.basePath }),
        'DeleteBasePathMapping',
        resource,
      );
    for (const mapping of to.filter((one) => !from.some((other) => same(one, other)))) {
      const { basePath, stage } = mapping;
      const creating = client.createBasePathMapping({ domainName, basePath, restApiId: target(mapping), stage });
      await required(creating, 'CreateBasePathMapping', resource);
    }
  },
};

async function createDomain({ client }: Scene<APIGateway>, name: string, documents: Documents): Promise<Created> {
  const facts = documents.get(file) as unknown as Facts;
  const request = { ...(without(facts, ...addresses) as object), domainName: name } as CreateDomainNameRequest;
  const made = factsOf(
    await required(client.createDomainName(request), 'CreateDomainName', `api-gateway/domains/${name}`),
  );
  const identities = addresses.flatMap((field) => {
    const [from, to] = [facts[field] as string | undefined, made[field] as string | undefined];
    if (from === undefined || to === undefined) return [];
    // The label as well: within the document the region of the host name was rewritten already.
    return [
      { from, to },
      { from: label(from), to: label(to) },
    ];
  });
  return { id: name, identities };
}

function label(host: string): string {
  return host.slice(0, host.indexOf('.'));
}

function notes(): readonly LedgerNote[] {
  return [
    {
      class: 'new-identity',
      what: 'the host name that the domain points to',
      why: 'API Gateway gives another one to a domain that is made again.',
      action: 'Restore its DNS records as well: they are rewritten where they are restored in the same run.',
    },
  ];
}

export const domainsKind: DocumentKind<APIGateway> = {
  kind: 'domains',
  rank: 2,
  list: listDomains,
  parts: [domain, mappings],
  live: {
    async find({ client }, domainName) {
      const asking = client.getDomainName({ domainName });
      return (await optional(asking, 'GetDomainName', `api-gateway/domains/${domainName}`, 'NotFoundException'))
        ?.domainName;
    },
    create: createDomain,
  },
  notes,
};
