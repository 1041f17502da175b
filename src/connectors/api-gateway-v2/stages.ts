import type { ApiGatewayV2, CreateStageRequest, UpdateStageRequest } from '@aws-sdk/client-apigatewayv2';
import { compactJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { allOf } from './calls.ts';
import { files } from './files.ts';
import { writeTags } from './tags.ts';

const byNature = ['StageName', 'DeploymentId', 'LastDeploymentStatusMessage', 'ApiGatewayManaged'] as const;

export type Stages = Readonly<Record<string, Facts>>;

/** Stages, which serve deployments; written when everything that a deployment needs is there. */
export const stages: DocumentPart<ApiGatewayV2> = {
  file: files.stages,
  phase: 'settle',
  async read({ client }, { id: ApiId, resource }) {
    const all = await allOf((NextToken) => client.getStages({ ApiId, NextToken }), 'GetStages', resource);
    if (all.length === 0) return undefined;
    const deployments = all.every(({ AutoDeploy }) => AutoDeploy) ? [] : await readDeployments(client, ApiId, resource);
    const newest = Math.max(...deployments.map(({ at }) => at));
    const found = all.map((stage): [string, Json] => {
      const deployment = stage.AutoDeploy ? undefined : deployments.find(({ id }) => id === stage.DeploymentId);
      const about = deployment && { id: deployment.id, isNewest: deployment.at === newest };
      return [stage.StageName ?? '', { ...factsOf(stage, ...byNature), ...(about ? { deployment: about } : {}) }];
    });
    return Object.fromEntries(found);
  },
  comparable: (document) =>
    Object.fromEntries(
      Object.entries(document as unknown as Stages).map(([name, stage]) => [name, comparableStage(stage)]),
    ),
  async write(scene, address, wanted, live) {
    const to: Stages = { ...(wanted as unknown as Stages | undefined) };
    const from: Stages = { ...(live as unknown as Stages | undefined) };
    for (const [name, stage] of Object.entries(to)) {
      const now = from[name];
      if (now && compactJson(comparableStage(now)) === compactJson(comparableStage(stage))) continue;
      if (now) await updateStage(scene, address, name, stage, now);
      else await createStage(scene.client, address, name, stage);
    }
    for (const StageName of Object.keys(from))
      if (!(StageName in to))
        await required(scene.client.deleteStage({ ApiId: address.id, StageName }), 'DeleteStage', address.resource);
  },
};

function comparableStage(stage: Facts): Json {
  return without(stage, 'deployment', 'ClientCertificateId');
}

async function readDeployments(
  client: ApiGatewayV2,
  ApiId: string,
  resource: string,
): Promise<{ id: string; at: number }[]> {
  const all = await allOf((NextToken) => client.getDeployments({ ApiId, NextToken }), 'GetDeployments', resource);
  return all.map(({ DeploymentId: id = '', CreatedDate }) => ({ id, at: CreatedDate?.getTime() ?? 0 }));
}

/** With the deployment it served where that is still there; otherwise with one of what the API is now. */
async function createStage(
  client: ApiGatewayV2,
  { id: ApiId, resource }: Address,
  StageName: string,
  stage: Facts,
): Promise<void> {
  const { deployment, ...settings } = stage;
  let DeploymentId: string | undefined;
  if (settings['AutoDeploy'] !== true) {
    const before = (deployment as { readonly id: string } | undefined)?.id;
    const isThere = (await readDeployments(client, ApiId, resource)).some(({ id }) => id === before);
    DeploymentId = isThere
      ? before
      : (await required(client.createDeployment({ ApiId }), 'CreateDeployment', resource)).DeploymentId;
  }
  const request = { ...settings, ApiId, StageName, ...(DeploymentId === undefined ? {} : { DeploymentId }) };
  await required(client.createStage(request as unknown as CreateStageRequest), 'CreateStage', resource);
}

async function updateStage(
  scene: Scene<ApiGatewayV2>,
  address: Address,
  StageName: string,
  stage: Facts,
  live: Facts,
): Promise<void> {
  const { client } = scene;
  const { id: ApiId, resource } = address;
  const { deployment: _, Tags, ...settings } = stage;
  const routes = (facts: Facts): string[] => Object.keys((facts['RouteSettings'] ?? {}) as object);
  for (const RouteKey of routes(live).filter((key) => !routes(stage).includes(key)))
    await required(client.deleteRouteSettings({ ApiId, StageName, RouteKey }), 'DeleteRouteSettings', resource);
  if (settings['AccessLogSettings'] === undefined && live['AccessLogSettings'] !== undefined)
    await required(client.deleteAccessLogSettings({ ApiId, StageName }), 'DeleteAccessLogSettings', resource);
  const variables = (facts: Facts): Record<string, string> => (facts['StageVariables'] ?? {}) as Record<string, string>;
  // A variable is taken away by giving it no value.
  const gone = Object.keys(variables(live)).filter((name) => !(name in variables(stage)));
  const StageVariables = { ...Object.fromEntries(gone.map((name) => [name, ''])), ...variables(stage) };
  const request = { Description: '', ...settings, ApiId, StageName, StageVariables } as unknown as UpdateStageRequest;
  await required(client.updateStage(request), 'UpdateStage', resource);
  if (compactJson(Tags ?? {}) !== compactJson(live['Tags'] ?? {}))
    await writeTags(scene, address, `/apis/${ApiId}/stages/${StageName}`, Tags, live['Tags']);
}
