import type { KMS } from '@aws-sdk/client-kms';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { isBeingDeleted, keyDocument, keyId, type KeyDocument, type ListedKey } from './key-document.ts';
import { aliasesByKey } from './listing.ts';

export const key: DocumentPart<KMS> = {
  file: 'key.json',
  async read({ client }, { id, resource }, listed) {
    const known = (listed as ListedKey | undefined)?.key;
    if (known) return known as unknown as Json;
    const KeyId = keyId(id);
    const { KeyMetadata = { KeyId } } = await required(client.describeKey({ KeyId }), 'DescribeKey', resource);
    return keyDocument(KeyMetadata, (await aliasesByKey(client, KeyId)).get(KeyId) ?? []) as unknown as Json;
  },
  comparable(document) {
    const { Description, KeySpec, KeyUsage, Origin, KeyState } = document as unknown as KeyDocument;
    // A key whose material is held elsewhere waits for it until somebody brings it.
    return { Description, KeySpec, KeyUsage, Origin, ...(Origin === 'AWS_KMS' ? { KeyState } : {}) };
  },
  write: writeKey,
};

/** Its deletion is called off first: nothing else can be said to a key that is about to be deleted. */
async function writeKey(
  { client }: Scene<KMS>,
  { id, resource }: Address,
  wanted: Json | undefined,
  live: Json | undefined,
): Promise<void> {
  const to = wanted as unknown as KeyDocument;
  const from = live as unknown as KeyDocument;
  const KeyId = keyId(id);
  if (isBeingDeleted(live)) await required(client.cancelKeyDeletion({ KeyId }), 'CancelKeyDeletion', resource);
  if (to.KeyState === 'Enabled' && from.KeyState !== 'Enabled')
    await required(client.enableKey({ KeyId }), 'EnableKey', resource);
  const { Description } = to;
  if (Description !== from.Description)
    await required(client.updateKeyDescription({ KeyId, Description }), 'UpdateKeyDescription', resource);
  // Called off, a deletion leaves the key disabled.
  if (to.KeyState === 'Disabled' && from.KeyState === 'Enabled')
    await required(client.disableKey({ KeyId }), 'DisableKey', resource);
}
