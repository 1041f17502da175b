import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { listen, type Listening } from '../listen.ts';
import { makeProject, Refused, type Config, type Deployment, type File, type Project, type State } from './state.ts';

export interface AppsScriptStandIn extends Listening {
  readonly state: State;
}

/**
 * Ours, not an emulator: the Apps Script API as its reference has it. No list of projects; a write of contents replaces all
 * files and asks for the manifest; versions are made of the head, numbered, and never change; a deployment has an id and an
 * address of its own. It runs nothing and asks nobody who he is.
 */
export async function startAppsScript(): Promise<AppsScriptStandIn> {
  const state: State = { projects: new Map(), asked: [], denied: new Set(), count: 0 };
  const { endpoint, stop } = await listen((incoming, outgoing) => void serve(state, incoming, outgoing));
  return { endpoint: `${endpoint}/`, state, stop };
}

interface Asked {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

async function serve(state: State, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const method = incoming.method ?? 'GET';
  const body = await textOf(incoming);
  const path = url.pathname.split('/').slice(2);
  state.asked.push(`${method} ${path.slice(2).join('/')}${url.search}`);
  const send = (status: number, answer: unknown): void => {
    outgoing.writeHead(status, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(answer));
  };
  try {
    if (state.denied.has(path.join('/'))) throw new Refused(403, 'PERMISSION_DENIED', 'The caller has no permission');
    const asked = { method, query: url.searchParams, body: body === '' ? {} : (JSON.parse(body) as Asked['body']) };
    send(200, answer(state, path, asked));
  } catch (error) {
    const { status, reason, message } = error instanceof Refused ? error : new Refused(500, 'INTERNAL', String(error));
    send(status, { error: { code: status, message, status: reason } });
  }
}

function answer(state: State, [root, id, what, which]: readonly string[], asked: Asked): unknown {
  const { method, body } = asked;
  if (root === 'projects' && id === undefined && method === 'POST')
    return described(makeProject(state, String(body['title']), body['parentId'] as string | undefined));
  const project = state.projects.get(id ?? '');
  if (root !== 'projects' || !project) throw new Refused(404, 'NOT_FOUND', 'Requested entity was not found.');
  if (what === undefined) return described(project);
  if (what === 'content') return content(project, asked);
  if (what === 'versions') return versions(project, asked);
  if (what === 'deployments') return deployments(state, project, which, asked);
  throw new Refused(404, 'NOT_FOUND', `nothing at ${what}`);
}

function described({ scriptId, title, parentId }: Project): unknown {
  const user = { email: 'owner@example.com', name: 'Owner' };
  const now = new Date().toISOString();
  return { scriptId, title, parentId, createTime: now, updateTime: now, creator: user, lastModifyUser: user };
}

function content(project: Project, { method, query, body }: Asked): unknown {
  if (method === 'PUT') {
    const files = body['files'] as File[];
    if (!files.some(({ name, type }) => name === 'appsscript' && type === 'JSON'))
      throw new Refused(400, 'INVALID_ARGUMENT', 'Project contents must include a manifest file named appsscript');
    project.files = files.map(({ name, type, source }) => ({ name, type, source }));
  }
  const number = query.get('versionNumber');
  const version = project.versions.find(({ versionNumber }) => String(versionNumber) === number);
  if (number !== null && !version) throw new Refused(404, 'NOT_FOUND', 'Requested entity was not found.');
  const updateTime = new Date().toISOString();
  const files = (version ?? project).files.map((file) => ({ ...file, updateTime, functionSet: { values: [] } }));
  return { scriptId: project.scriptId, files };
}

function versions(project: Project, { method, query, body }: Asked): unknown {
  const { scriptId } = project;
  if (method === 'GET') {
    const page = paged([...project.versions].reverse(), query);
    return { versions: page.items.map((version) => ({ ...version, files: undefined })), nextPageToken: page.next };
  }
  const made = {
    scriptId,
    versionNumber: (project.versions.at(-1)?.versionNumber ?? 0) + 1,
    ...(body['description'] === undefined ? {} : { description: body['description'] as string }),
    createTime: new Date().toISOString(),
    files: project.files,
  };
  project.versions.push(made);
  return { ...made, files: undefined };
}

function deployments(state: State, project: Project, id: string | undefined, { method, query, body }: Asked): unknown {
  if (method === 'GET') {
    const page = paged(project.deployments, query);
    return { deployments: page.items.map((one) => shown(project, one)), nextPageToken: page.next };
  }
  const config = (method === 'PUT' ? body['deploymentConfig'] : body) as Config;
  if (!project.versions.some(({ versionNumber }) => versionNumber === config.versionNumber))
    throw new Refused(400, 'INVALID_ARGUMENT', 'versionNumber is none of the project');
  const found = project.deployments.find(({ deploymentId }) => deploymentId === id);
  if (method === 'PUT') {
    if (!found) throw new Refused(404, 'NOT_FOUND', 'Requested entity was not found.');
    found.deploymentConfig = config;
    return shown(project, found);
  }
  const made: Deployment = { deploymentId: `AKdep${++state.count}`, deploymentConfig: config };
  project.deployments.push(made);
  return shown(project, made);
}

function shown({ scriptId }: Project, { deploymentId, deploymentConfig }: Deployment): unknown {
  const isHead = deploymentConfig.versionNumber === undefined;
  const url = `https://script.google.com/macros/s/${deploymentId}/${isHead ? 'dev' : 'exec'}`;
  return {
    deploymentId,
    deploymentConfig: { scriptId, ...deploymentConfig },
    updateTime: new Date().toISOString(),
    entryPoints: [{ entryPointType: 'WEB_APP', webApp: { url } }],
  };
}

/** Two at a time, so that every list has pages. */
function paged<Item>(all: readonly Item[], query: URLSearchParams): { items: readonly Item[]; next?: string } {
  const start = Number(query.get('pageToken') ?? 0);
  const items = all.slice(start, start + 2);
  return start + 2 < all.length ? { items, next: String(start + 2) } : { items };
}
