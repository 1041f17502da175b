export interface Image {
  readonly digest: string;
  readonly manifest: string;
  readonly mediaType: string;
  readonly tags: Set<string>;
}

export interface Repository {
  readonly name: string;
  facts: Record<string, unknown>;
  tags: Map<string, string>;
  policy?: string | undefined;
  lifecycle?: string | undefined;
  readonly images: Map<string, Image>;
  readonly layers: Map<string, Buffer>;
}

/** One region's registry. */
export interface Registry {
  readonly region: string;
  readonly repositories: Map<string, Repository>;
  readonly uploads: Map<string, Buffer[]>;
  policy?: string | undefined;
  replication: unknown;
  scanning: unknown;
}

export interface Asked {
  readonly registry: Registry;
  readonly input: Readonly<Record<string, unknown>>;
  /** Where layers are downloaded. */
  readonly endpoint: string;
}

/** What the API model calls an exception. */
export class Refused extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export const account = '123456789012';
/** Smaller than ECR's, so that a test's layers have several parts. */
export const partSize = 64 * 1024;

export function newRegistry(region: string): Registry {
  const scanning = { scanType: 'BASIC', rules: [] };
  return { region, repositories: new Map(), uploads: new Map(), replication: { rules: [] }, scanning };
}

export function textOf({ input }: Asked, name: string): string {
  const value = input[name];
  return typeof value === 'string' ? value : '';
}

export function repositoryOf(asked: Asked): Repository {
  const name = textOf(asked, 'repositoryName');
  const found = asked.registry.repositories.get(name);
  if (!found) throw new Refused('RepositoryNotFoundException', `there is no repository ${name}`);
  return found;
}

export type Operation = (asked: Asked) => object;
