import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import { addressesOf, type Deployment } from './deployments.ts';
import { deploymentChanges, liveVersion, pairs, type DeploymentChange } from './deployments-target.ts';
import { readFiles, versionFiles } from './files.ts';
import { idOf, type Target } from './target.ts';
import { writeFiles } from './write-files.ts';

/** Deploys again what is missing, and puts back what differs under its old address. Deployments of others stay. */
export async function deploy(target: Target): Promise<ActionOutcome> {
  const changes = await deploymentChanges(target);
  for (const change of changes) {
    const { versionNumber = 0 } = change.wanted.deploymentConfig;
    const version = (await liveVersion(target, versionNumber)) ?? (await makeVersion(target, change.wanted));
    await write(target, change, version);
  }
  const left = await deploymentChanges(target);
  if (left[0]) {
    const { resource } = target;
    const message = `deployment ${left[0].wanted.deploymentId} of ${resource} was made but reads back otherwise`;
    throw new HoldfastError('item.changed', message, { resource });
  }
  const identities = (await pairs(target)).flatMap(identitiesOf);
  return {
    result: changes.length > 0 ? 'done' : 'unchanged',
    class: identities.length > 0 ? 'new-identity' : 'exact',
    identities,
    items: changes.length,
  };
}

/**
 * A version can only be made of the head: it becomes what the version was for a moment. Only in a project that this restore
 * made, or that it was told to write to; in the captured one people may be running it.
 */
async function makeVersion(target: Target, { deploymentConfig }: Deployment): Promise<number> {
  const { client, captured, resource, isOther } = target;
  const { versionNumber = 0, description } = deploymentConfig;
  if (!isOther)
    throw new HoldfastError('item.conflict', `version ${versionNumber} of ${resource} is gone, and cannot come back`, {
      resource,
      hint: 'Its files are in the snapshot: put them into a new version by hand, or restore with --rename to a new project.',
    });
  const scriptId = idOf(target);
  const files = await versionFiles(captured, resource, versionNumber);
  const head = await readFiles(client, scriptId, resource);
  try {
    await writeFiles(target, scriptId, files);
    const requestBody = description === undefined ? {} : { description };
    const made = await client.ask('projects.versions.create', resource, (settings) =>
      client.projects.versions.create({ scriptId, requestBody }, { ...settings, retry: false }),
    );
    return made.versionNumber ?? 0;
  } finally {
    await writeFiles(target, scriptId, head);
  }
}

async function write(target: Target, { wanted, live }: DeploymentChange, versionNumber: number): Promise<void> {
  const { client, resource } = target;
  const { projects } = client;
  const scriptId = idOf(target);
  const config = { ...wanted.deploymentConfig, scriptId, versionNumber };
  if (live === undefined || live.deploymentConfig.versionNumber === undefined) {
    await client.ask('projects.deployments.create', resource, (settings) =>
      projects.deployments.create({ scriptId, requestBody: config }, { ...settings, retry: false }),
    );
    return;
  }
  const asked = { scriptId, deploymentId: live.deploymentId, requestBody: { deploymentConfig: config } };
  await client.ask('projects.deployments.update', resource, (settings) => projects.deployments.update(asked, settings));
}

function identitiesOf({ wanted, live }: DeploymentChange): { readonly from: string; readonly to: string }[] {
  if (!live || live.deploymentId === wanted.deploymentId) return [];
  const now = addressesOf(live);
  const addresses = addressesOf(wanted).flatMap((from, i) => (now[i] === undefined ? [] : [{ from, to: now[i] }]));
  return [{ from: wanted.deploymentId, to: live.deploymentId }, ...addresses];
}
