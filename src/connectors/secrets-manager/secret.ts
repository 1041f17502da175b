import type { DescribeSecretCommandOutput, SecretsManager } from '@aws-sdk/client-secrets-manager';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, Documents, Found, Scene } from '../documents/contract.ts';
import { escapedName, unescapedName } from '../documents/names.ts';
import { pages } from '../documents/pages.ts';
import { tagList, tagsOf } from '../documents/tags.ts';

export const files = {
  metadata: 'secret.json',
  value: 'value.json',
  tags: 'tags.json',
  replication: 'replication.json',
  policy: 'policy.json',
  rotation: 'rotation.json',
} as const;

/** What secret.json says. */
export interface Metadata {
  readonly Name: string;
  readonly Description?: string;
  /** Absent: AWS's own key for secrets. */
  readonly KmsKeyId?: string;
  readonly OwningService?: string;
}

/** Secrets a page at a time, with their tags. Replicas come with their primary; what is about to be deleted is left out. */
export async function* listSecrets({ client, aws }: Scene<SecretsManager>): AsyncGenerator<Found> {
  const ask = async (NextToken?: string) =>
    await required(client.listSecrets({ MaxResults: 100, NextToken }), 'ListSecrets', 'secrets-manager');
  for await (const { SecretList = [] } of pages(ask, (page) => page.NextToken))
    for (const { Name = '', ARN: id = '', PrimaryRegion = aws.region, Tags } of SecretList) {
      if (PrimaryRegion !== aws.region) continue;
      const tags = tagsOf(Tags);
      yield { name: escapedName(Name), id, tags, listed: { tags } };
    }
}

/** What DescribeSecret says; asked once for all parts. */
export async function described(
  { client, once }: Scene<SecretsManager>,
  { id, resource }: Address,
): Promise<DescribeSecretCommandOutput> {
  return await once('secret', async () => {
    return await required(client.describeSecret({ SecretId: id }), 'DescribeSecret', resource);
  });
}

/** By its name: nobody knows the end of an ARN beforehand. One that is about to be deleted, or a replica, is not there yet. */
export async function findSecret({ client, aws }: Scene<SecretsManager>, name: string): Promise<string | undefined> {
  const found = await byName(client, name);
  return found?.DeletedDate || isReplica(found, aws.region) ? undefined : found?.ARN;
}

async function byName(client: SecretsManager, name: string): Promise<DescribeSecretCommandOutput | undefined> {
  const asking = client.describeSecret({ SecretId: unescapedName(name) });
  return await optional(asking, 'DescribeSecret', `secrets-manager/${name}`, 'ResourceNotFoundException');
}

function isReplica(found: DescribeSecretCommandOutput | undefined, region: string): boolean {
  return found?.PrimaryRegion !== undefined && found.PrimaryRegion !== region;
}

/**
 * Calls a deletion off, makes a replica a secret of its own, or else makes a new one, still without a value. A name that is
 * about to be deleted cannot be taken until that is done.
 */
export async function createSecret(
  { client, aws }: Scene<SecretsManager>,
  name: string,
  documents: Documents,
): Promise<Created> {
  const resource = `secrets-manager/${name}`;
  const found = await byName(client, name);
  if (found?.ARN && found.DeletedDate) {
    await required(client.restoreSecret({ SecretId: found.ARN }), 'RestoreSecret', resource);
    return { id: found.ARN };
  }
  if (found?.ARN && isReplica(found, aws.region)) {
    const stopping = client.stopReplicationToReplica({ SecretId: found.ARN });
    const { ARN: id = found.ARN } = await required(stopping, 'StopReplicationToReplica', resource);
    return { id, note: `It was a replica of the secret in ${found.PrimaryRegion}, and follows that one no longer.` };
  }
  const { Description, KmsKeyId } = (documents.get(files.metadata) ?? {}) as Partial<Metadata>;
  const Tags = tagList(documents.get(files.tags));
  const creating = client.createSecret({ Name: unescapedName(name), Description, KmsKeyId, Tags });
  const { ARN: id } = await required(creating, 'CreateSecret', resource);
  if (id === undefined) throw new HoldfastError('item.changed', `CreateSecret of ${resource} named none`, { resource });
  return { id };
}
