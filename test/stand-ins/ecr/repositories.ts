import {
  account,
  Refused,
  repositoryOf,
  textOf,
  type Asked,
  type Operation,
  type Registry,
  type Repository,
} from './state.ts';

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

function arnOf({ region }: Registry, name: string): string {
  return `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

function shape(registry: Registry, { name, facts }: Repository): object {
  const repositoryUri = `${account}.dkr.ecr.${registry.region}.amazonaws.com/${name}`;
  return {
    repositoryArn: arnOf(registry, name),
    registryId: account,
    repositoryName: name,
    repositoryUri,
    createdAt: 1,
    ...facts,
  };
}

function byArn(asked: Asked): Repository {
  const arn = textOf(asked, 'resourceArn');
  const found = [...asked.registry.repositories.values()].find(({ name }) => arnOf(asked.registry, name) === arn);
  if (!found) throw new Refused('RepositoryNotFoundException', `there is no ${arn}`);
  return found;
}

/** Repositories and the registry; what a policy says is kept, and acted upon by nobody. */
export const repositories: Readonly<Record<string, Operation>> = {
  CreateRepository(asked) {
    const { repositoryName, tags, ...given } = asked.input;
    const name = String(repositoryName);
    if (asked.registry.repositories.has(name))
      throw new Refused('RepositoryAlreadyExistsException', `${name} is taken`);
    const facts = {
      imageTagMutability: 'MUTABLE',
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: 'AES256' },
      ...given,
    };
    const pairs = ((tags ?? []) as Tag[]).map(({ Key, Value }) => [Key, Value] as const);
    const made: Repository = { name, facts, tags: new Map(pairs), images: new Map(), layers: new Map() };
    asked.registry.repositories.set(name, made);
    return { repository: shape(asked.registry, made) };
  },
  DescribeRepositories(asked) {
    const names = asked.input['repositoryNames'] as string[] | undefined;
    const all = names?.map((repositoryName) => repositoryOf({ ...asked, input: { repositoryName } }));
    const shown = all ?? [...asked.registry.repositories.values()];
    return { repositories: shown.map((one) => shape(asked.registry, one)) };
  },
  DeleteRepository(asked) {
    const found = repositoryOf(asked);
    if (found.images.size > 0 && asked.input['force'] !== true)
      throw new Refused('RepositoryNotEmptyException', `${found.name} has images`);
    asked.registry.repositories.delete(found.name);
    return {};
  },
  ListTagsForResource: (asked) => ({ tags: [...byArn(asked).tags].map(([Key, Value]) => ({ Key, Value })) }),
  TagResource(asked) {
    const { tags } = byArn(asked);
    for (const { Key, Value } of asked.input['tags'] as Tag[]) tags.set(Key, Value);
    return {};
  },
  UntagResource(asked) {
    const { tags } = byArn(asked);
    for (const key of asked.input['tagKeys'] as string[]) tags.delete(key);
    return {};
  },
  PutImageTagMutability(asked) {
    const found = repositoryOf(asked);
    found.facts = { ...found.facts, imageTagMutability: asked.input['imageTagMutability'] };
    return {};
  },
  PutImageScanningConfiguration(asked) {
    const found = repositoryOf(asked);
    found.facts = { ...found.facts, imageScanningConfiguration: asked.input['imageScanningConfiguration'] };
    return {};
  },
  GetRepositoryPolicy(asked) {
    const { policy } = repositoryOf(asked);
    if (policy === undefined) throw new Refused('RepositoryPolicyNotFoundException', 'none is set');
    return { policyText: policy };
  },
  SetRepositoryPolicy(asked) {
    repositoryOf(asked).policy = textOf(asked, 'policyText');
    return {};
  },
  DeleteRepositoryPolicy(asked) {
    repositoryOf(asked).policy = undefined;
    return {};
  },
  GetLifecyclePolicy(asked) {
    const { lifecycle } = repositoryOf(asked);
    if (lifecycle === undefined) throw new Refused('LifecyclePolicyNotFoundException', 'none is set');
    return { lifecyclePolicyText: lifecycle, lastEvaluatedAt: 1 };
  },
  PutLifecyclePolicy(asked) {
    repositoryOf(asked).lifecycle = textOf(asked, 'lifecyclePolicyText');
    return {};
  },
  DeleteLifecyclePolicy(asked) {
    repositoryOf(asked).lifecycle = undefined;
    return {};
  },
  DescribeRegistry: ({ registry }) => ({ registryId: account, replicationConfiguration: registry.replication }),
  PutReplicationConfiguration({ registry, input }) {
    registry.replication = input['replicationConfiguration'];
    return {};
  },
  GetRegistryPolicy({ registry }) {
    if (registry.policy === undefined) throw new Refused('RegistryPolicyNotFoundException', 'none is set');
    return { policyText: registry.policy };
  },
  PutRegistryPolicy(asked) {
    asked.registry.policy = textOf(asked, 'policyText');
    return {};
  },
  DeleteRegistryPolicy({ registry }) {
    registry.policy = undefined;
    return {};
  },
  GetRegistryScanningConfiguration: ({ registry }) => ({ scanningConfiguration: registry.scanning }),
  PutRegistryScanningConfiguration({ registry, input }) {
    registry.scanning = input;
    return {};
  },
};
