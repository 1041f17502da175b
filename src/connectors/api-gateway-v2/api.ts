import type { ApiGatewayV2, CreateApiRequest } from '@aws-sdk/client-apigatewayv2';
import { required } from '../aws/classify.ts';
import type { Created, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { foundAs, renamed } from '../documents/numbered.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { apiOf, apis, byNature } from './api-list.ts';
import { writeDefinition } from './definition-write.ts';
import { files } from './files.ts';
import { writeTags } from './tags.ts';

export async function* listApis(scene: Scene<ApiGatewayV2>): AsyncGenerator<Found> {
  for (const { name, id, item } of await apis(scene))
    yield { name, id, tags: item.Tags ?? {}, listed: { ...factsOf(item, ...byNature), id } };
}

/** What the API itself says; its id is there so that a restore finds the one it made. */
export const api: DocumentPart<ApiGatewayV2> = {
  file: files.api,
  read: async (scene, address, listed) => without(await apiOf(scene, address, listed), 'Tags'),
  // Its name is by which it is found, and another one where the restore said so.
  comparable: (document) => without(document, 'id', 'Name'),
  async write({ client }, { id: ApiId, resource }, wanted, live) {
    const { ProtocolType: _, id: __, Name: ___, ...settings } = wanted as Facts;
    const to = settings;
    if (to['CorsConfiguration'] === undefined && (live as Facts)['CorsConfiguration'] !== undefined)
      await required(client.deleteCorsConfiguration({ ApiId }), 'DeleteCorsConfiguration', resource);
    const Description = (to['Description'] ?? '') as string;
    await required(client.updateApi({ ...to, ApiId, Description }), 'UpdateApi', resource);
  },
};

export const tags: DocumentPart<ApiGatewayV2> = {
  file: files.tags,
  read: async (scene, address, listed) => (await apiOf(scene, address, listed))['Tags'],
  async write(scene, address, wanted, live) {
    await writeTags(scene, address, `/apis/${address.id}`, wanted, live);
  },
};

export async function findApi(
  scene: Scene<ApiGatewayV2>,
  name: string,
  documents: Documents,
): Promise<string | undefined> {
  return foundAs(await apis(scene), name, documents.get(files.api))?.id;
}

export async function createApi(scene: Scene<ApiGatewayV2>, name: string, documents: Documents): Promise<Created> {
  const { id: _, ...settings } = documents.get(files.api) as unknown as Facts;
  const Tags = documents.get(files.tags) as Record<string, string> | undefined;
  const request = { ...settings, Name: renamed(settings['Name'] as string, name), ...(Tags ? { Tags } : {}) };
  const resource = `api-gateway-v2/apis/${name}`;
  const creating = scene.client.createApi(request as unknown as CreateApiRequest);
  const { ApiId: id = '' } = await required(creating, 'CreateApi', resource);
  const definition = documents.get(files.definition);
  const address = { name, id, resource };
  return { id, identities: definition === undefined ? [] : await writeDefinition(scene, address, definition) };
}
