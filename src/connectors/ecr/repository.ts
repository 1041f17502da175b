import type { ECR, PutImageTagMutabilityRequest } from '@aws-sdk/client-ecr';
import { compactJson, type Json } from '../../kernel/json.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import { tagList, tagsOf, tagsPart } from '../documents/tags.ts';

export const files = {
  repository: 'repository.json',
  policy: 'policy.json',
  lifecycle: 'lifecycle.json',
  tags: 'tags.json',
} as const;

const byNature = ['repositoryArn', 'registryId', 'repositoryName', 'repositoryUri'] as const;

export async function* listRepositories({ client }: Scene<ECR>): AsyncGenerator<Found> {
  const ask = async (nextToken: string | undefined) =>
    await required(client.describeRepositories({ maxResults: 1000, nextToken }), 'DescribeRepositories', 'ecr');
  for await (const { repositories = [] } of pages(ask, (page) => page.nextToken))
    for (const repository of repositories) {
      const { repositoryName: name = '', repositoryArn: id = '' } = repository;
      const tags = await readTags(client, id, `ecr/repositories/${name}`);
      yield { name, id, tags, listed: { tags, repository: factsOf(repository, ...byNature) } };
    }
}

async function readTags(client: ECR, resourceArn: string, resource: string): Promise<Record<string, string>> {
  return tagsOf((await required(client.listTagsForResource({ resourceArn }), 'ListTagsForResource', resource)).tags);
}

async function describe(client: ECR, name: string, resource: string) {
  const asking = client.describeRepositories({ repositoryNames: [name] });
  return (await optional(asking, 'DescribeRepositories', resource, 'RepositoryNotFoundException'))?.repositories?.[0];
}

export const repository: DocumentPart<ECR> = {
  file: files.repository,
  async read({ client }, { name, resource }, listed) {
    if (listed !== undefined) return (listed as Facts)['repository'];
    const found = await describe(client, name, resource);
    return found && factsOf(found, ...byNature);
  },
  async write({ client }, { name: repositoryName, resource }, wanted, live) {
    const [to, from] = [(wanted ?? {}) as Facts, (live ?? {}) as Facts];
    const differs = (field: string): boolean => compactJson(to[field] ?? null) !== compactJson(from[field] ?? null);
    if (differs('encryptionConfiguration')) {
      throw new HoldfastError(
        'item.conflict',
        `${resource} is encrypted otherwise, which is said at its creation only`,
        {
          resource,
          hint: 'Restore the repository under another name (--rename).',
        },
      );
    }
    if (differs('imageTagMutability') || differs('imageTagMutabilityExclusionFilters')) {
      const { imageTagMutability, imageTagMutabilityExclusionFilters } = to;
      const request = { repositoryName, imageTagMutability, imageTagMutabilityExclusionFilters };
      const putting = client.putImageTagMutability(request as unknown as PutImageTagMutabilityRequest);
      await required(putting, 'PutImageTagMutability', resource);
    }
    if (differs('imageScanningConfiguration')) {
      const imageScanningConfiguration = (to['imageScanningConfiguration'] ?? {}) as object;
      const putting = client.putImageScanningConfiguration({ repositoryName, imageScanningConfiguration });
      await required(putting, 'PutImageScanningConfiguration', resource);
    }
  },
};

/** Who may use it; it may name roles and functions. */
export const policy: DocumentPart<ECR> = {
  file: files.policy,
  phase: 'settle',
  async read({ client }, { name: repositoryName, resource }) {
    const asking = client.getRepositoryPolicy({ repositoryName });
    const found = await optional(asking, 'GetRepositoryPolicy', resource, 'RepositoryPolicyNotFoundException');
    return found?.policyText === undefined ? undefined : (JSON.parse(found.policyText) as Json);
  },
  async write({ client }, { name: repositoryName, resource }, wanted) {
    if (wanted === undefined)
      await required(client.deleteRepositoryPolicy({ repositoryName }), 'DeleteRepositoryPolicy', resource);
    else {
      const putting = client.setRepositoryPolicy({ repositoryName, policyText: JSON.stringify(wanted) });
      await required(putting, 'SetRepositoryPolicy', resource);
    }
  },
};

/** Which images expire: said at the very end, so that none expires while images come back. */
export const lifecycle: DocumentPart<ECR> = {
  file: files.lifecycle,
  phase: 'enable',
  async read({ client }, { name: repositoryName, resource }) {
    const asking = client.getLifecyclePolicy({ repositoryName });
    const found = await optional(asking, 'GetLifecyclePolicy', resource, 'LifecyclePolicyNotFoundException');
    return found?.lifecyclePolicyText === undefined ? undefined : (JSON.parse(found.lifecyclePolicyText) as Json);
  },
  async write({ client }, { name: repositoryName, resource }, wanted) {
    if (wanted === undefined)
      await required(client.deleteLifecyclePolicy({ repositoryName }), 'DeleteLifecyclePolicy', resource);
    else {
      const putting = client.putLifecyclePolicy({ repositoryName, lifecyclePolicyText: JSON.stringify(wanted) });
      await required(putting, 'PutLifecyclePolicy', resource);
    }
  },
};

export const tags = tagsPart<ECR, Record<string, never>>({
  read: async ({ client }, { id, resource }) => await readTags(client, id, resource),
  add: async ({ client }, { id: resourceArn, resource }, list) =>
    await required(client.tagResource({ resourceArn, tags: list }), 'TagResource', resource),
  remove: async ({ client }, { id: resourceArn, resource }, tagKeys) =>
    await required(client.untagResource({ resourceArn, tagKeys }), 'UntagResource', resource),
});

export async function findRepository({ client }: Scene<ECR>, name: string): Promise<string | undefined> {
  return (await describe(client, name, `ecr/repositories/${name}`))?.repositoryArn;
}

export async function createRepository({ client }: Scene<ECR>, name: string, documents: Documents): Promise<Created> {
  const facts = documents.get(files.repository) as unknown as Facts;
  const request = { ...facts, repositoryName: name, tags: tagList(documents.get(files.tags)) };
  const creating = client.createRepository(request);
  const { repository: made } = await required(creating, 'CreateRepository', `ecr/repositories/${name}`);
  return { id: made?.repositoryArn ?? '' };
}

export type RepositoryAddress = Pick<Address, 'name' | 'resource'>;
