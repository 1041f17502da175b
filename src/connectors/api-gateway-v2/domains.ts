import type { ApiGatewayV2, CreateDomainNameRequest, UpdateDomainNameRequest } from '@aws-sdk/client-apigatewayv2';
import type { LedgerNote } from '../../kernel/entry.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { meant } from '../documents/numbered.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { apis } from './api-list.ts';
import { allOf } from './calls.ts';
import { writeTags } from './tags.ts';

const file = 'domain.json';
/** What AWS says of an endpoint, and says otherwise of one that is made again. */
const byNature = ['ApiGatewayDomainName', 'HostedZoneId', 'DomainNameStatus', 'DomainNameStatusMessage'] as const;

interface Mapping {
  readonly key: string;
  readonly apiId: string;
  readonly api?: string;
  readonly stage: string;
}

/** Mappings of this connector: of HTTP and WebSocket APIs, and longer paths of REST APIs, which only this API can say. */
async function readMappings(
  scene: Scene<ApiGatewayV2>,
  DomainName: string,
): Promise<(Mapping & { readonly id: string })[]> {
  const { client } = scene;
  const resource = `api-gateway-v2/domains/${DomainName}`;
  const all = await allOf((NextToken) => client.getApiMappings({ DomainName, NextToken }), 'GetApiMappings', resource);
  const known = all.length === 0 ? [] : await apis(scene);
  const found = all.flatMap(
    ({ ApiMappingId: id = '', ApiMappingKey: key = '', ApiId: apiId = '', Stage: stage = '' }) => {
      const api = known.find((one) => one.id === apiId)?.name;
      if (api === undefined && !key.includes('/')) return [];
      return [{ id, key, apiId, stage, ...(api === undefined ? {} : { api }) }];
    },
  );
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Domains that lead to one of these APIs; all others are those of REST APIs. */
async function* listDomains(scene: Scene<ApiGatewayV2>): AsyncGenerator<Found> {
  const page = (NextToken: string | undefined) => scene.client.getDomainNames({ NextToken });
  for (const domain of await allOf(page, 'GetDomainNames', 'api-gateway-v2')) {
    const { DomainName: name = '', Tags = {} } = domain;
    const mappings = await readMappings(scene, name);
    if (mappings.length === 0) continue;
    const listed = {
      domain: factsOf(domain, 'DomainNameArn'),
      mappings: mappings.map((one) => without({ ...one }, 'id')),
    };
    yield { name, id: name, tags: Tags, listed };
  }
}

const domain: DocumentPart<ApiGatewayV2> = {
  file,
  async read({ client }, { name: DomainName, resource }, listed) {
    if (listed !== undefined) return (listed as Facts)['domain'];
    return factsOf(await required(client.getDomainName({ DomainName }), 'GetDomainName', resource), 'DomainNameArn');
  },
  comparable: settings,
  async write(scene, address, wanted, live) {
    const { DomainName, Tags, ApiMappingSelectionExpression: _, ...rest } = settings(wanted ?? {}) as Facts;
    const request = { DomainName: DomainName as string, ...rest } as unknown as UpdateDomainNameRequest;
    await required(scene.client.updateDomainName(request), 'UpdateDomainName', address.resource);
    const before = (live as Facts)['Tags'];
    if (compactJson(Tags ?? {}) !== compactJson(before ?? {}))
      await writeTags(scene, address, `/domainnames/${address.name}`, Tags, before);
  },
};

function configurationsOf(document: Json | undefined): readonly Json[] {
  return ((document as Facts | undefined)?.['DomainNameConfigurations'] ?? []) as readonly Json[];
}

function settings(document: Json): Json {
  const DomainNameConfigurations = configurationsOf(document).map((one) => without(one, ...byNature));
  return { ...(document as Facts), DomainNameConfigurations };
}

const mappings: DocumentPart<ApiGatewayV2> = {
  file: 'api-mappings.json',
  phase: 'settle',
  async read(scene, { name }, listed) {
    if (listed !== undefined) return (listed as Facts)['mappings'];
    const found = await readMappings(scene, name);
    return found.length === 0 ? undefined : found.map((one) => without({ ...one }, 'id'));
  },
  comparable: (document) =>
    (document as Json[]).map((one) => ((one as Facts)['api'] === undefined ? one : without(one, 'apiId'))),
  async write(scene, { name: DomainName, resource }, wanted) {
    const { client } = scene;
    const known = await apis(scene);
    const to = ((wanted ?? []) as unknown as Mapping[]).map(({ key, stage, api, apiId }) => ({
      ApiMappingKey: key,
      Stage: stage,
      ApiId: meant(known, api, { id: apiId })?.id ?? apiId,
    }));
    const from = await readMappings(scene, DomainName);
    const isThere = (one: (typeof to)[number]): boolean =>
      from.some(({ key, stage, apiId }) => key === one.ApiMappingKey && stage === one.Stage && apiId === one.ApiId);
    for (const { id: ApiMappingId, key, stage, apiId } of from) {
      const stays = to.some((one) => one.ApiMappingKey === key && one.Stage === stage && one.ApiId === apiId);
      if (!stays) await required(client.deleteApiMapping({ DomainName, ApiMappingId }), 'DeleteApiMapping', resource);
    }
    for (const mapping of to.filter((one) => !isThere(one)))
      await required(client.createApiMapping({ DomainName, ...mapping }), 'CreateApiMapping', resource);
  },
};

async function createDomain({ client }: Scene<ApiGatewayV2>, name: string, documents: Documents): Promise<Created> {
  const facts = documents.get(file) ?? {};
  const { ApiMappingSelectionExpression: _, ...rest } = settings(facts) as Facts;
  const request = { ...rest, DomainName: name } as unknown as CreateDomainNameRequest;
  const made = await required(client.createDomainName(request), 'CreateDomainName', `api-gateway-v2/domains/${name}`);
  const hosts = (configurations: readonly unknown[]): string[] =>
    configurations.flatMap((one) => (one as { ApiGatewayDomainName?: string }).ApiGatewayDomainName ?? []);
  const to = hosts(made.DomainNameConfigurations ?? []);
  const identities = hosts(configurationsOf(facts)).flatMap((from, i) => {
    const now = to[i];
    // The label as well: within the document the region of the host name was rewritten already.
    return now === undefined
      ? []
      : [
          { from, to: now },
          { from: label(from), to: label(now) },
        ];
  });
  return { id: name, identities };
}

function label(host: string): string {
  return host.slice(0, host.indexOf('.'));
}

const notes: readonly LedgerNote[] = [
  {
    class: 'new-identity',
    what: 'the host name that the domain points to',
    why: 'API Gateway gives another one to a domain that is made again.',
    action: 'Restore its DNS records as well: they are rewritten where they are restored in the same run.',
  },
];

export const domainsKind: DocumentKind<ApiGatewayV2> = {
  kind: 'domains',
  rank: 2,
  list: listDomains,
  parts: [domain, mappings],
  live: {
    async find({ client }: Scene<ApiGatewayV2>, DomainName: string) {
      const asking = client.getDomainName({ DomainName });
      const resource = `api-gateway-v2/domains/${DomainName}`;
      return (await optional(asking, 'GetDomainName', resource, 'NotFoundException'))?.DomainName;
    },
    create: createDomain,
  },
  notes: () => notes,
};
