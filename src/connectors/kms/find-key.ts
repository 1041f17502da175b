import type { KeyMetadata, KMS } from '@aws-sdk/client-kms';
import { optional } from '../aws/classify.ts';
import type { Documents, Scene } from '../documents/contract.ts';
import { isBeingDeleted, keyDocument, type KeyDocument } from './key-document.ts';
import { allTags, keyIds, markerTag } from './listing.ts';

/** What was asked of keys' markers: written with the key and never again, so that one question each is enough. */
const markers = new WeakMap<KMS, Map<string, string | undefined>>();

/**
 * The key itself, where it is there (even if it is about to be deleted: that can be called off); else the one in its
 * place: to which its alias points, or which an earlier restore marked.
 */
export async function findKey({ client }: Scene<KMS>, name: string, documents: Documents): Promise<string | undefined> {
  const resource = `kms/keys/${name}`;
  const wanted = documents.get('key.json') as unknown as KeyDocument | undefined;
  for (const KeyId of new Set([name, wanted?.KeyId ?? name])) {
    const found = await describe(client, KeyId, resource);
    if (found) return found.Arn;
  }
  for (const KeyId of wanted?.Aliases ?? []) {
    const found = await describe(client, KeyId, resource);
    if (found && !isBeingDeleted({ ...keyDocument(found, []) })) return found.Arn;
  }
  const marked = await markedKey(client, name);
  return marked === undefined ? undefined : (await describe(client, marked, resource))?.Arn;
}

export async function describe(client: KMS, KeyId: string, resource: string): Promise<KeyMetadata | undefined> {
  return (await optional(client.describeKey({ KeyId }), 'DescribeKey', resource, 'NotFoundException'))?.KeyMetadata;
}

async function markedKey(client: KMS, name: string): Promise<string | undefined> {
  const known = markers.get(client) ?? new Map<string, string | undefined>();
  markers.set(client, known);
  for await (const id of keyIds(client)) {
    if (!known.has(id)) known.set(id, await markerOf(client, id));
    if (known.get(id) === name) return id;
  }
  return undefined;
}

async function markerOf(client: KMS, id: string): Promise<string | undefined> {
  return (await allTags(client, id, `kms/keys/${id}`))[markerTag];
}
