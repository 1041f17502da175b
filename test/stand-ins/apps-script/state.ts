/** What a project is, in the shapes of the API. */
export interface Project {
  readonly scriptId: string;
  readonly title: string;
  readonly parentId?: string;
  readonly versions: Version[];
  readonly deployments: Deployment[];
  files: File[];
}

export interface File {
  readonly name: string;
  readonly type: string;
  readonly source: string;
}

export interface Version {
  readonly scriptId: string;
  readonly versionNumber: number;
  readonly description?: string;
  readonly createTime: string;
  readonly files: readonly File[];
}

export interface Config {
  readonly scriptId?: string;
  readonly versionNumber?: number;
  readonly description?: string;
  readonly manifestFileName?: string;
}

export interface Deployment {
  readonly deploymentId: string;
  deploymentConfig: Config;
}

export interface State {
  readonly projects: Map<string, Project>;
  /** `GET content?versionNumber=2`, in the order they came. */
  readonly asked: string[];
  /** Beginnings of what is answered with 403. */
  readonly denied: Set<string>;
  count: number;
}

export class Refused extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** A new project has a manifest, a file and a deployment of its head, as Google's have. */
export function makeProject(state: State, title: string, parentId?: string): Project {
  const scriptId = `script${++state.count}${'x'.repeat(40)}`;
  const project: Project = {
    scriptId,
    title,
    ...(parentId === undefined ? {} : { parentId }),
    versions: [],
    deployments: [{ deploymentId: `AKhead${++state.count}`, deploymentConfig: { manifestFileName: 'appsscript' } }],
    files: [
      { name: 'appsscript', type: 'JSON', source: '{"timeZone":"Etc/UTC"}' },
      { name: 'Code', type: 'SERVER_JS', source: 'function myFunction() {}' },
    ],
  };
  state.projects.set(scriptId, project);
  return project;
}
