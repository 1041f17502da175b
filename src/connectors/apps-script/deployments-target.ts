import { readDeployments, readVersions, type Deployment } from './deployments.ts';
import { documents, readFiles, sameFiles, versionFiles } from './files.ts';
import { idOf, type Target } from './target.ts';

/** A captured deployment that is missing at the target, or is another there. */
export interface DeploymentChange {
  readonly wanted: Deployment;
  readonly live: Deployment | undefined;
}

/** Captured deployments with what they are at the target. Those of the head are there always. */
export async function pairs(target: Target): Promise<DeploymentChange[]> {
  const { client, captured, context, resource } = target;
  const wanted = ((await captured.json('', documents.deployments)) ?? []) as unknown as Deployment[];
  if (wanted.length === 0) return [];
  const live = await readDeployments(client, idOf(target), resource);
  const taken = new Set<string>();
  const take = (one: Deployment, isIt: (other: Deployment) => boolean): DeploymentChange => {
    const found = live.find((other) => !taken.has(other.deploymentId) && isIt(other));
    if (found) taken.add(found.deploymentId);
    return { wanted: one, live: found };
  };
  // By their ids first, so that no other one is taken for them.
  const byId = wanted.map((one) => take(one, (other) => other.deploymentId === context.identity(one.deploymentId)));
  return byId.map((pair) => (pair.live ? pair : take(pair.wanted, (other) => labelOf(other) === labelOf(pair.wanted))));
}

/** What must be done; reads only. */
export async function deploymentChanges(target: Target): Promise<DeploymentChange[]> {
  const changes: DeploymentChange[] = [];
  for (const pair of await pairs(target)) if (!(await isSame(target, pair))) changes.push(pair);
  return changes;
}

async function isSame(target: Target, { wanted, live }: DeploymentChange): Promise<boolean> {
  const { versionNumber } = wanted.deploymentConfig;
  if (versionNumber === undefined) return true;
  if (!live || live.deploymentConfig.versionNumber === undefined || labelOf(live) !== labelOf(wanted)) return false;
  return (await liveVersion(target, versionNumber, [live.deploymentConfig.versionNumber])) !== undefined;
}

/**
 * The number that a captured version has at the target, of those given (default: all): the same in its own project, in
 * another one that with the same files.
 */
export async function liveVersion(
  { client, captured, resource, id, isOther }: Target,
  version: number,
  among?: readonly number[],
): Promise<number | undefined> {
  if (id === undefined) return undefined;
  const numbers = among ?? (await readVersions(client, id, resource)).map(({ versionNumber }) => versionNumber);
  if (!isOther) return numbers.find((one) => one === version);
  const files = await versionFiles(captured, resource, version);
  for (const one of numbers) if (sameFiles(await readFiles(client, id, resource, one), files)) return one;
  return undefined;
}

/** What a person calls it: the same in another project. */
function labelOf({ deploymentConfig }: Deployment): string {
  const { description = '', manifestFileName = '', versionNumber } = deploymentConfig;
  return JSON.stringify([versionNumber === undefined ? 'head' : 'version', manifestFileName, description]);
}
