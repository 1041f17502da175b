import type { APIGateway, PatchOperation, Stage } from '@aws-sdk/client-api-gateway';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { files } from './files.ts';
import { allOf } from './calls.ts';
import { stagePatches } from './stage-patches.ts';
import { writeTags } from './tags.ts';

/** What a stage does not say of itself, or says otherwise after each restore. */
const byNature = ['stageName', 'cacheClusterStatus', 'deploymentId', 'webAclArn', 'documentationVersion'] as const;

/** Stages by name. `deployment`: which one it serves; a restore in the same place takes that again where it is still there. */
export type Stages = Readonly<Record<string, Facts>>;

export async function readStages(
  { client, once }: Scene<APIGateway>,
  { id: restApiId, resource }: Address,
): Promise<Stage[]> {
  return await once(
    'stages',
    async () => (await required(client.getStages({ restApiId }), 'GetStages', resource)).item ?? [],
  );
}

export async function readDeployments(
  { client, once }: Scene<APIGateway>,
  { id: restApiId, resource }: Address,
): Promise<{ readonly id: string; readonly description: string; readonly at: number }[]> {
  return await once('deployments', async () => {
    const all = await allOf(
      (position) => client.getDeployments({ restApiId, position, limit: 500 }),
      'GetDeployments',
      resource,
    );
    return all.map(({ id = '', description = '', createdDate }) => ({
      id,
      description,
      at: createdDate?.getTime() ?? 0,
    }));
  });
}

/** Stages, which serve deployments; written when everything that a deployment needs is there. */
export const stages: DocumentPart<APIGateway> = {
  file: files.stages,
  phase: 'settle',
  async read(scene, address) {
    const [all, deployments] = await Promise.all([readStages(scene, address), readDeployments(scene, address)]);
    const newest = Math.max(...deployments.map(({ at }) => at));
    if (all.length === 0) return undefined;
    return Object.fromEntries(
      all.map((stage) => {
        const deployment = deployments.find(({ id }) => id === stage.deploymentId);
        const about = deployment && {
          id: deployment.id,
          ...(deployment.description === '' ? {} : { description: deployment.description }),
          isNewest: deployment.at === newest,
        };
        const { webAclArn } = stage;
        return [
          stage.stageName ?? '',
          {
            ...factsOf(stage, ...byNature),
            ...(about ? { deployment: about } : {}),
            ...(webAclArn ? { webAclArn } : {}),
          },
        ];
      }),
    ) as Json;
  },
  comparable: (document) =>
    Object.fromEntries(
      Object.entries(document as unknown as Stages).map(([name, stage]) => [name, comparableStage(stage as Json)]),
    ) as Json,
  async write(scene, address, wanted, live) {
    const to: Stages = { ...(wanted as unknown as Stages | undefined) };
    const from: Stages = { ...(live as unknown as Stages | undefined) };
    const newOnes = createDeploymentOnce(scene, address);
    for (const [name, stage] of Object.entries(to)) {
      const now = from[name];
      if (now && canonicalJson(comparableStage(now)) === canonicalJson(comparableStage(stage))) continue;
      await putStage(scene, address, name, stage, now, newOnes);
    }
    for (const stageName of Object.keys(from)) {
      if (stageName in to) continue;
      await required(scene.client.deleteStage({ restApiId: address.id, stageName }), 'DeleteStage', address.resource);
    }
  },
};

function comparableStage(stage: Json): Json {
  const { canarySettings, ...rest } = without(
    stage,
    'deployment',
    'webAclArn',
    'clientCertificateId',
  ) as unknown as Facts;
  return canarySettings === undefined ? rest : { ...rest, canarySettings: without(canarySettings, 'deploymentId') };
}

type Deploy = (description: string | undefined) => Promise<string>;

/** One deployment of the draft for all stages that need one: deploying is among the calls that may be made least often. */
function createDeploymentOnce({ client }: Scene<APIGateway>, { id: restApiId, resource }: Address): Deploy {
  let made: Promise<string> | undefined;
  return async (description) => {
    made ??= required(client.createDeployment({ restApiId, description }), 'CreateDeployment', resource).then(
      ({ id = '' }) => id,
    );
    return await made;
  };
}

async function putStage(
  scene: Scene<APIGateway>,
  address: Address,
  stageName: string,
  wanted: Facts,
  live: Facts | undefined,
  deploy: Deploy,
): Promise<void> {
  const { client } = scene;
  const { id: restApiId, resource } = address;
  const patches: PatchOperation[] = [];
  if (live === undefined) {
    const { deployment, description, variables, cacheClusterEnabled, cacheClusterSize, tracingEnabled, tags } = wanted;
    const before = deployment as { readonly id: string; readonly description?: string } | undefined;
    const isThere = (await readDeployments(scene, address)).some(({ id }) => id === before?.id);
    const deploymentId = before && isThere ? before.id : await deploy(before?.description);
    const settings = { description, variables, cacheClusterEnabled, cacheClusterSize, tracingEnabled, tags } as object;
    await required(client.createStage({ restApiId, stageName, deploymentId, ...settings }), 'CreateStage', resource);
    const { methodSettings, accessLogSettings } = wanted;
    patches.push(...stagePatches({ methodSettings, accessLogSettings }, {}));
  } else {
    patches.push(...stagePatches(wanted, live));
    if (canonicalJson(wanted['tags'] ?? {}) !== canonicalJson(live['tags'] ?? {}))
      await writeTags(scene, address, `/restapis/${restApiId}/stages/${stageName}`, wanted['tags'], live['tags']);
  }
  if (patches.length > 0)
    await required(client.updateStage({ restApiId, stageName, patchOperations: patches }), 'UpdateStage', resource);
}
