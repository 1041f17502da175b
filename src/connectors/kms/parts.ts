import type { KMS } from '@aws-sdk/client-kms';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentPart, Scene } from '../documents/contract.ts';
import { tagsPart } from '../documents/tags.ts';
import { keyDocument, keyId, type KeyDocument, type ListedKey } from './key-document.ts';
import { allTags, markerTag } from './listing.ts';

/** Who may use the key, which may name roles that are restored later. */
export const policy: DocumentPart<KMS> = {
  file: 'policy.json',
  phase: 'settle',
  async read({ client }, { id, resource }) {
    const reading = client.getKeyPolicy({ KeyId: keyId(id), PolicyName: 'default' });
    const { Policy } = await required(reading, 'GetKeyPolicy', resource);
    return Policy ? (JSON.parse(Policy) as Json) : undefined;
  },
  async write({ client }, { id, resource }, wanted) {
    if (wanted === undefined) return;
    const Policy = JSON.stringify(wanted);
    await required(client.putKeyPolicy({ KeyId: keyId(id), PolicyName: 'default', Policy }), 'PutKeyPolicy', resource);
  },
};

/** Only keys whose material KMS made rotate by themselves. */
function canRotate({ KeySpec, Origin }: KeyDocument): boolean {
  return KeySpec === 'SYMMETRIC_DEFAULT' && Origin === 'AWS_KMS';
}

interface Rotation {
  readonly Enabled: boolean;
  readonly RotationPeriodInDays?: number;
}

export const rotation: DocumentPart<KMS> = {
  file: 'rotation.json',
  async read(scene, { id, resource }, listed) {
    const known = (listed as ListedKey | undefined)?.key;
    if (!canRotate(known ?? (await describe(scene, id, resource)))) return undefined;
    const reading = scene.client.getKeyRotationStatus({ KeyId: keyId(id) });
    const { KeyRotationEnabled: Enabled = false, RotationPeriodInDays } = await required(
      reading,
      'GetKeyRotationStatus',
      resource,
    );
    return Enabled && RotationPeriodInDays !== undefined ? { Enabled, RotationPeriodInDays } : { Enabled };
  },
  async write(scene, { id, resource }, wanted) {
    // A replica rotates with its primary, and is not to be told.
    if (wanted === undefined || (await describe(scene, id, resource)).MultiRegion?.Type === 'REPLICA') return;
    const { client } = scene;
    const KeyId = keyId(id);
    const { Enabled, RotationPeriodInDays } = wanted as unknown as Rotation;
    if (!Enabled) await required(client.disableKeyRotation({ KeyId }), 'DisableKeyRotation', resource);
    else await required(client.enableKeyRotation({ KeyId, RotationPeriodInDays }), 'EnableKeyRotation', resource);
  },
};

async function describe({ client }: Scene<KMS>, id: string, resource: string): Promise<KeyDocument> {
  const { KeyMetadata } = await required(client.describeKey({ KeyId: keyId(id) }), 'DescribeKey', resource);
  return keyDocument(KeyMetadata ?? { KeyId: keyId(id) }, []);
}

export const tags = tagsPart<KMS, unknown>({
  async read({ client }, { id, resource }) {
    const { [markerTag]: _, ...found } = await allTags(client, keyId(id), resource);
    return found;
  },
  async add({ client }, { id, resource }, added) {
    const Tags = added.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));
    await required(client.tagResource({ KeyId: keyId(id), Tags }), 'TagResource', resource);
  },
  remove: async ({ client }, { id, resource }, TagKeys) =>
    await required(client.untagResource({ KeyId: keyId(id), TagKeys }), 'UntagResource', resource),
});
