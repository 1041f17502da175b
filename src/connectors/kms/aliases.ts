import type { KMS } from '@aws-sdk/client-kms';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Created, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { keyId } from './key-document.ts';
import { aliases, type ListedAlias } from './listing.ts';

/** Names of the region's keys, without the leading `alias/`. */
export async function* listAliases({ client }: Scene<KMS>): AsyncGenerator<Found> {
  for await (const one of aliases(client))
    yield { name: one.name.slice('alias/'.length), id: one.arn, listed: { ...one } };
}

/** The key it points to: by its ARN, so that it follows the key to its new identity. */
export const alias: DocumentPart<KMS> = {
  file: 'alias.json',
  async read(scene, { name, resource }, listed) {
    const known = (listed as unknown as ListedAlias | undefined) ?? (await named(scene, name));
    if (known) return { AliasName: known.name, TargetKey: targetArn(known) } satisfies Json;
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  },
  comparable: (document) => (document as { readonly TargetKey: string }).TargetKey,
  async write({ client }, { name, resource }, wanted) {
    const pointing = { AliasName: `alias/${name}`, TargetKeyId: target(wanted) };
    await required(client.updateAlias(pointing), 'UpdateAlias', resource);
  },
};

export async function findAlias(scene: Scene<KMS>, name: string): Promise<string | undefined> {
  return (await named(scene, name))?.arn;
}

/** Asked again it is found: names of aliases are unique. */
export async function createAlias({ client, aws }: Scene<KMS>, name: string, documents: Documents): Promise<Created> {
  const pointing = { AliasName: `alias/${name}`, TargetKeyId: target(documents.get('alias.json')) };
  await required(client.createAlias(pointing), 'CreateAlias', `kms/aliases/${name}`);
  return { id: `arn:aws:kms:${aws.region}:${aws.account}:alias/${name}` };
}

function target(document: Json | undefined): string {
  return keyId((document as { readonly TargetKey?: string } | undefined)?.TargetKey ?? '');
}

function targetArn({ arn, target: id }: ListedAlias): string {
  return arn.replace(/:alias\/.*$/, `:key/${id}`);
}

/** KMS tells an alias by name only in the list of all; asked once for each resource. */
async function named({ client, once }: Scene<KMS>, name: string): Promise<ListedAlias | undefined> {
  return await once('aliases', async () => {
    for await (const one of aliases(client)) if (one.name === `alias/${name}`) return one;
    return undefined;
  });
}
