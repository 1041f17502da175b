import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { tagsOf, tagsPart } from '../documents/tags.ts';
import { described, files, type Metadata } from './secret.ts';

export const metadata: DocumentPart<SecretsManager> = {
  file: files.metadata,
  read: async (scene, address) =>
    pick(await described(scene, address), 'Name', 'Description', 'KmsKeyId', 'OwningService', 'Type'),
  comparable(document) {
    const { Description = '', KmsKeyId = '' } = document as unknown as Metadata;
    return { Description, KmsKeyId };
  },
  async write({ client }, { id, resource }, wanted) {
    const { Description = '', KmsKeyId = 'alias/aws/secretsmanager' } = wanted as unknown as Metadata;
    await required(client.updateSecret({ SecretId: id, Description, KmsKeyId }), 'UpdateSecret', resource);
  },
};

/** Who may read it, which may name roles that are restored later. */
export const policy: DocumentPart<SecretsManager> = {
  file: files.policy,
  phase: 'settle',
  async read({ client }, { id, resource }) {
    const reading = client.getResourcePolicy({ SecretId: id });
    const { ResourcePolicy } = await required(reading, 'GetResourcePolicy', resource);
    return ResourcePolicy ? (JSON.parse(ResourcePolicy) as Json) : undefined;
  },
  async write({ client }, { id, resource }, wanted) {
    if (wanted === undefined)
      await required(client.deleteResourcePolicy({ SecretId: id }), 'DeleteResourcePolicy', resource);
    else {
      const writing = client.putResourcePolicy({ SecretId: id, ResourcePolicy: JSON.stringify(wanted) });
      await required(writing, 'PutResourcePolicy', resource);
    }
  },
};

/** The function that rotates it comes later; it begins with the next date, so that the value stays what was restored. */
export const rotation: DocumentPart<SecretsManager> = {
  file: files.rotation,
  phase: 'enable',
  async read(scene, address) {
    const found = await described(scene, address);
    return found.RotationEnabled ? pick(found, 'RotationLambdaARN', 'RotationRules') : undefined;
  },
  async write({ client }, { id, resource }, wanted) {
    if (wanted === undefined) {
      await required(client.cancelRotateSecret({ SecretId: id }), 'CancelRotateSecret', resource);
      return;
    }
    const how = wanted as { readonly RotationLambdaARN?: string; readonly RotationRules?: object };
    const rotating = client.rotateSecret({ SecretId: id, ...how, RotateImmediately: false });
    await required(rotating, 'RotateSecret', resource);
  },
};

export const tags = tagsPart<SecretsManager, unknown>({
  read: async (scene, address) => tagsOf((await described(scene, address)).Tags),
  add: async ({ client }, { id, resource }, Tags) =>
    await required(client.tagResource({ SecretId: id, Tags }), 'TagResource', resource),
  remove: async ({ client }, { id, resource }, TagKeys) =>
    await required(client.untagResource({ SecretId: id, TagKeys }), 'UntagResource', resource),
});
