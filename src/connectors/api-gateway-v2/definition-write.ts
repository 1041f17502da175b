import type {
  ApiGatewayV2,
  CreateAuthorizerRequest,
  CreateIntegrationRequest,
  CreateModelRequest,
  UpdateAuthorizerRequest,
} from '@aws-sdk/client-apigatewayv2';
import { compactJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { meant } from '../documents/numbered.ts';
import { without, type Facts } from '../documents/said.ts';
import { apiOf } from './api-list.ts';
import { comparableDefinition, comparableIntegration, readDraft, type Definition, type Draft } from './definition.ts';
import { files } from './files.ts';
import { deleteRoutes, putRoutes } from './routes.ts';
import { vpcLinks } from './vpc-link-list.ts';

/** Makes the API so: what routes name first, then routes, then what no route names any more. Returns the ids that changed. */
export async function writeDefinition(
  scene: Scene<ApiGatewayV2>,
  address: Address,
  document: Json,
): Promise<{ from: string; to: string }[]> {
  const wanted = document as unknown as Definition;
  const isSocket = (await apiOf(scene, address))['ProtocolType'] === 'WEBSOCKET';
  const live = await readDraft(scene, address, isSocket);
  await putModels(scene.client, address, wanted, live);
  await putAuthorizers(scene.client, address, wanted, live);
  const integrations = await putIntegrations(scene, address, wanted, live);
  const made = await readDraft(scene, address, isSocket);
  await putRoutes(scene.client, address, wanted, made, integrations);
  await deleteRoutes(scene.client, address, wanted, made);
  await deleteOthers(scene.client, address, wanted, made, new Set(integrations.values()));
  return [...made.authorizers].flatMap(([name, to]) => {
    const from = wanted.ids[name];
    return from === undefined || from === to ? [] : [{ from, to }];
  });
}

async function putModels(
  client: ApiGatewayV2,
  { id: ApiId, resource }: Address,
  wanted: Definition,
  live: Draft,
): Promise<void> {
  for (const [Name, model] of Object.entries(wanted.models)) {
    const now = live.definition.models[Name];
    if (now && compactJson(now) === compactJson(model)) continue;
    const ModelId = live.models.get(Name);
    if (ModelId === undefined) {
      const request = { ApiId, Name, ...model } as unknown as CreateModelRequest;
      await required(client.createModel(request), 'CreateModel', resource);
    } else await required(client.updateModel({ ApiId, ModelId, ...model }), 'UpdateModel', resource);
  }
}

async function putAuthorizers(
  client: ApiGatewayV2,
  { id: ApiId, resource }: Address,
  wanted: Definition,
  live: Draft,
): Promise<void> {
  for (const [name, authorizer] of Object.entries(wanted.authorizers)) {
    const now = live.definition.authorizers[name];
    if (now && compactJson(now) === compactJson(authorizer)) continue;
    const AuthorizerId = live.authorizers.get(name);
    if (AuthorizerId === undefined) {
      const request = { ApiId, ...authorizer } as unknown as CreateAuthorizerRequest;
      await required(client.createAuthorizer(request), 'CreateAuthorizer', resource);
    } else {
      const request = { ApiId, AuthorizerId, ...authorizer } as unknown as UpdateAuthorizerRequest;
      await required(client.updateAuthorizer(request), 'UpdateAuthorizer', resource);
    }
  }
}

/** Captured ids → ids at the target: of one that says the same, or of a new one. */
async function putIntegrations(
  scene: Scene<ApiGatewayV2>,
  { id: ApiId, resource }: Address,
  wanted: Definition,
  live: Draft,
): Promise<Map<string, string>> {
  const { client } = scene;
  const content = (integration: Facts): string => compactJson(comparableIntegration(integration));
  const there = new Map(Object.entries(live.definition.integrations).map(([id, one]) => [content(one), id]));
  const isLinked = Object.values(wanted.integrations).some((one) => one['ConnectionId'] !== undefined);
  const links = isLinked ? await vpcLinks(scene) : [];
  const ids = new Map<string, string>();
  for (const [old, integration] of Object.entries(wanted.integrations)) {
    const known = there.get(content(integration));
    if (known !== undefined) {
      ids.set(old, known);
      continue;
    }
    const { responses, vpcLink, ConnectionId, ...settings } = integration;
    const link = meant(links, vpcLink as string | undefined, { id: ConnectionId ?? '' })?.id ?? ConnectionId;
    const request = { ApiId, ...settings, ...(link === undefined ? {} : { ConnectionId: link }) };
    const creating = client.createIntegration(request as unknown as CreateIntegrationRequest);
    const { IntegrationId = '' } = await required(creating, 'CreateIntegration', resource);
    for (const [IntegrationResponseKey, response] of Object.entries((responses ?? {}) as Record<string, Facts>)) {
      const answering = client.createIntegrationResponse({ ApiId, IntegrationId, IntegrationResponseKey, ...response });
      await required(answering, 'CreateIntegrationResponse', resource);
    }
    ids.set(old, IntegrationId);
    there.set(content(integration), IntegrationId);
  }
  return ids;
}

async function deleteOthers(
  client: ApiGatewayV2,
  { id: ApiId, resource }: Address,
  wanted: Definition,
  live: Draft,
  integrations: ReadonlySet<string>,
): Promise<void> {
  for (const IntegrationId of Object.keys(live.definition.integrations))
    if (!integrations.has(IntegrationId))
      await required(client.deleteIntegration({ ApiId, IntegrationId }), 'DeleteIntegration', resource);
  for (const [name, AuthorizerId] of live.authorizers)
    if (!(name in wanted.authorizers))
      await required(client.deleteAuthorizer({ ApiId, AuthorizerId }), 'DeleteAuthorizer', resource);
  for (const [name, ModelId] of live.models)
    if (!(name in wanted.models)) await required(client.deleteModel({ ApiId, ModelId }), 'DeleteModel', resource);
}

/** What it is made of. A stage that deploys by itself serves what is written at once; others are not deployed again. */
export const definition: DocumentPart<ApiGatewayV2> = {
  file: files.definition,
  async read(scene, address, listed) {
    const isSocket = (await apiOf(scene, address, listed))['ProtocolType'] === 'WEBSOCKET';
    return without((await readDraft(scene, address, isSocket)).definition as unknown as Json);
  },
  comparable: comparableDefinition,
  async write(scene, address, wanted) {
    if (wanted !== undefined) await writeDefinition(scene, address, wanted);
  },
};
