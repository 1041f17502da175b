import type { KMS, Tag } from '@aws-sdk/client-kms';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Created, Documents, Scene } from '../documents/contract.ts';
import { tagList } from '../documents/tags.ts';
import { kmsClient } from './calls.ts';
import { describe } from './find-key.ts';
import type { KeyDocument } from './key-document.ts';
import { markerTag } from './listing.ts';

const consequence =
  'A new key: what was encrypted under the old one cannot be read with it. What is encrypted from now on can.';

/**
 * A replica of the same key where it is a multi-Region key whose primary lives; else a new key in its place. KMS knows no
 * token for asking twice: the marker, which is written with the key, is what a second attempt finds.
 */
export async function createKey(scene: Scene<KMS>, name: string, documents: Documents): Promise<Created> {
  const resource = `kms/keys/${name}`;
  const wanted = documents.get('key.json') as unknown as KeyDocument | undefined;
  if (!wanted) throw new HoldfastError('item.not-found', `${resource} was captured without key.json`, { resource });
  const tags = [...tagList(documents.get('tags.json')), { Key: markerTag, Value: name }];
  const Tags = tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));
  const replica = await replicate(scene, name, wanted, Tags);
  if (replica !== undefined) return { id: replica };
  const { Description, KeySpec, KeyUsage, Origin, CustomKeyStoreId, XksKeyId, MultiRegion } = wanted;
  const creating = scene.client.createKey({
    Description,
    KeySpec: KeySpec as 'SYMMETRIC_DEFAULT',
    KeyUsage: KeyUsage as 'ENCRYPT_DECRYPT',
    Origin: Origin as 'AWS_KMS',
    CustomKeyStoreId,
    XksKeyId,
    ...(MultiRegion ? { MultiRegion: true } : {}),
    Tags,
  });
  const id = (await required(creating, 'CreateKey', resource)).KeyMetadata?.Arn;
  if (id === undefined) throw new HoldfastError('item.changed', `CreateKey of ${resource} named no key`, { resource });
  const imported = Origin === 'EXTERNAL';
  return {
    id,
    class: imported ? 'needs-human' : 'new-identity',
    note: imported
      ? 'The key waits for its material: import it (ImportKeyMaterial), then what follows can use it.'
      : consequence,
  };
}

/** The ARN of the new replica; undefined where there is no primary to replicate. Waits until it can be used. */
async function replicate(
  { aws, client, runtime, signal }: Scene<KMS>,
  name: string,
  { Description, MultiRegion }: KeyDocument,
  Tags: Tag[],
): Promise<string | undefined> {
  const resource = `kms/keys/${name}`;
  if (!MultiRegion || MultiRegion.PrimaryRegion === aws.region) return undefined;
  const there = await kmsClient(aws.inRegion(MultiRegion.PrimaryRegion));
  const primary = await describe(there, name, resource);
  if (primary?.KeyState !== 'Enabled' || primary.MultiRegionConfiguration?.MultiRegionKeyType !== 'PRIMARY')
    return undefined;
  const replicating = there.replicateKey({ KeyId: name, ReplicaRegion: aws.region, Description, Tags });
  const id = (await required(replicating, 'ReplicateKey', resource)).ReplicaKeyMetadata?.Arn;
  for (let waits = 0; waits < 60; waits++) {
    const state = (await describe(client, name, resource))?.KeyState;
    if (state !== undefined && state !== 'Creating') return id;
    await runtime.clock.sleep(1000, signal);
  }
  throw new HoldfastError('item.unavailable', `${resource} was replicated and is still being made`, { resource });
}
