import type { Json } from '../../kernel/json.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import type { ScriptClient } from './client.ts';

/** A deployment without its date. */
export interface Deployment {
  readonly deploymentId: string;
  readonly deploymentConfig: {
    /** Absent: the deployment of the head, which every project has and nobody makes. */
    readonly versionNumber?: number;
    readonly description?: string;
    readonly manifestFileName?: string;
  };
  /** Addresses of web apps, and how add-ons and the execution API are reached. */
  readonly entryPoints?: Json;
}

export interface Version {
  readonly versionNumber: number;
  readonly description?: string;
}

/** By id. Throws item errors. */
export async function readDeployments(
  { projects, ask }: ScriptClient,
  scriptId: string,
  resource: string,
): Promise<Deployment[]> {
  const found: Deployment[] = [];
  const all = pages(
    (pageToken) =>
      ask('projects.deployments.list', resource, (settings) =>
        projects.deployments.list({ scriptId, pageSize: 50, ...(pageToken ? { pageToken } : {}) }, settings),
      ),
    ({ nextPageToken }) => nextPageToken ?? undefined,
  );
  for await (const page of all)
    for (const one of page.deployments ?? []) {
      const { scriptId: _, ...deploymentConfig } = facts(one.deploymentConfig);
      const { entryPoints } = facts(one);
      found.push({
        deploymentId: one.deploymentId ?? '',
        deploymentConfig,
        ...(entryPoints === undefined ? {} : { entryPoints }),
      });
    }
  return found.sort((a, b) => (a.deploymentId < b.deploymentId ? -1 : 1));
}

/** By number, a page at a time as Google orders them. Throws item errors. */
export async function readVersions(
  { projects, ask }: ScriptClient,
  scriptId: string,
  resource: string,
): Promise<Version[]> {
  const found: Version[] = [];
  const all = pages(
    (pageToken) =>
      ask('projects.versions.list', resource, (settings) =>
        projects.versions.list({ scriptId, pageSize: 50, ...(pageToken ? { pageToken } : {}) }, settings),
      ),
    ({ nextPageToken }) => nextPageToken ?? undefined,
  );
  for await (const page of all)
    for (const { versionNumber, description } of page.versions ?? [])
      found.push({ versionNumber: versionNumber ?? 0, ...(description ? { description } : {}) });
  return found.sort((a, b) => a.versionNumber - b.versionNumber);
}

/** Addresses under which web apps of a deployment are reached. */
export function addressesOf({ entryPoints }: Deployment): string[] {
  const points = (entryPoints ?? []) as readonly { readonly webApp?: { readonly url?: string } }[];
  return points.flatMap(({ webApp }) => (webApp?.url === undefined ? [] : [webApp.url]));
}
