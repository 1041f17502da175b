import type { APIGateway, RestApi } from '@aws-sdk/client-api-gateway';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { foundAs, numbered, renamed, type Numbered } from '../documents/numbered.ts';
import { allOf } from './calls.ts';
import { writeDefinition } from './definition-write.ts';
import { files } from './files.ts';
import { escaped, memberPatches, patchesOf } from './patches.ts';
import { writeTags } from './tags.ts';

/** APIs by name; several may have the same. */
export async function restApis({ client, once }: Scene<APIGateway>): Promise<Numbered<RestApi>[]> {
  return await once('apis', async () => {
    const all = await allOf((position) => client.getRestApis({ limit: 500, position }), 'GetRestApis', 'api-gateway');
    return numbered(all, (api) => ({ name: api.name, id: api.id, at: api.createdDate }));
  });
}

export async function* listApis(scene: Scene<APIGateway>): AsyncGenerator<Found> {
  for (const { name, id, item } of await restApis(scene))
    yield { name, id, tags: item.tags ?? {}, listed: factsOf(item) };
}

/** Of the listing, or asked for now. */
async function apiOf({ client, once }: Scene<APIGateway>, { id, resource }: Address, listed?: Json): Promise<Facts> {
  if (listed !== undefined) return listed as Facts;
  return await once('api', async () =>
    factsOf(await required(client.getRestApi({ restApiId: id }), 'GetRestApi', resource)),
  );
}

/** What the API itself says; its id is there so that a restore finds the one it made. */
export const api: DocumentPart<APIGateway> = {
  file: files.api,
  async read(scene, address, listed) {
    return without(await apiOf(scene, address, listed), 'policy', 'tags', 'rootResourceId', 'apiStatus', 'warnings');
  },
  // Its name is by which it is found, and another one where the restore said so.
  comparable: (document) => without(document, 'id', 'name'),
  async write({ client }, { id, resource }, wanted, live) {
    const [to, from] = [(wanted ?? {}) as Facts, (live ?? {}) as Facts];
    const patchOperations = [
      ...patchesOf(to, from, {
        description: '/description',
        version: '/version',
        apiKeySource: '/apiKeySource',
        disableExecuteApiEndpoint: '/disableExecuteApiEndpoint',
        minimumCompressionSize: '/minimumCompressionSize',
      }),
      ...memberPatches(
        to['binaryMediaTypes'] as string[],
        from['binaryMediaTypes'] as string[],
        (type) => `/binaryMediaTypes/${escaped(type)}`,
      ),
      ...endpointPatches(to['endpointConfiguration'] as Endpoint, from['endpointConfiguration'] as Endpoint),
    ];
    if (patchOperations.length > 0)
      await required(client.updateRestApi({ restApiId: id, patchOperations }), 'UpdateRestApi', resource);
  },
};

interface Endpoint {
  readonly types?: readonly string[];
  readonly vpcEndpointIds?: readonly string[];
}

function endpointPatches(wanted: Endpoint | undefined, live: Endpoint | undefined) {
  const [to, from] = [wanted?.types?.[0], live?.types?.[0]];
  return [
    ...(to === from || to === undefined
      ? []
      : [{ op: 'replace' as const, path: `/endpointConfiguration/types/${from ?? 'EDGE'}`, value: to }]),
    ...memberPatches(wanted?.vpcEndpointIds, live?.vpcEndpointIds, () => '/endpointConfiguration/vpcEndpointIds').map(
      (patch, i) => ({ ...patch, value: vpcEndpointAt(wanted, live, i) }),
    ),
  ];
}

/** Whose patch that is, in the order of memberPatches. */
function vpcEndpointAt(wanted: Endpoint | undefined, live: Endpoint | undefined, i: number): string {
  const [to, from] = [wanted?.vpcEndpointIds ?? [], live?.vpcEndpointIds ?? []];
  return [...from.filter((id) => !to.includes(id)), ...to.filter((id) => !from.includes(id))][i] ?? '';
}

/**
 * Who may call it. Written with the API and not after everything: what is deployed carries the policy that was set then, and
 * a private API without one cannot be deployed. It names roles, which were restored before, and the API itself.
 */
export const policy: DocumentPart<APIGateway> = {
  file: files.policy,
  async read(scene, address, listed) {
    return policyOf((await apiOf(scene, address, listed))['policy']);
  },
  async write({ client }, { id, resource }, wanted) {
    const value = wanted === undefined ? '' : JSON.stringify(wanted);
    const patchOperations = [{ op: 'replace' as const, path: '/policy', value }];
    await required(client.updateRestApi({ restApiId: id, patchOperations }), 'UpdateRestApi', resource);
  },
};

/** API Gateway answers a policy with its quotes escaped once more than JSON needs. */
function policyOf(text: Json | undefined): Json | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  return JSON.parse(text.startsWith('{\\') ? (JSON.parse(`"${text}"`) as string) : text) as Json;
}

export const tags: DocumentPart<APIGateway> = {
  file: files.tags,
  async read(scene, address, listed) {
    return (await apiOf(scene, address, listed))['tags'];
  },
  async write(scene, address, wanted, live) {
    await writeTags(scene, address, `/restapis/${address.id}`, wanted, live);
  },
};

export async function findApi(
  scene: Scene<APIGateway>,
  name: string,
  documents: Documents,
): Promise<string | undefined> {
  return foundAs(await restApis(scene), name, documents.get(files.api))?.id;
}

/** The API with its draft; its policy names it by its new id. */
export async function createApi(scene: Scene<APIGateway>, name: string, documents: Documents): Promise<Created> {
  const resource = `api-gateway/apis/${name}`;
  const { id: old = '', ...settings } = documents.get(files.api) as unknown as Facts & { readonly id?: string };
  const tagged = documents.get(files.tags) as Record<string, string> | undefined;
  const creating = scene.client.createRestApi({
    ...settings,
    name: renamed(settings['name'] as string, name),
    ...(tagged ? { tags: tagged } : {}),
  });
  const { id = '' } = await required(creating, 'CreateRestApi', resource);
  const address = { name, id, resource };
  const allowed = documents.get(files.policy);
  if (allowed !== undefined)
    await policy.write?.(
      scene,
      address,
      JSON.parse(JSON.stringify(allowed).replaceAll(old || id, id)) as Json,
      undefined,
    );
  const definition = documents.get(files.definition);
  const identities = definition === undefined ? [] : await writeDefinition(scene, address, definition);
  return { id, identities };
}
