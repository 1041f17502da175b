import type { KMS } from '@aws-sdk/client-kms';
import type { Json } from '../../kernel/json.ts';
import { ifAllowed } from '../documents/allowed.ts';
import { required } from '../aws/classify.ts';
import type { Found, Scene } from '../documents/contract.ts';
import { keyDocument, type ListedKey } from './key-document.ts';

/** Marks a key that a restore made, with the id of the one in whose place it is. */
export const markerTag = 'holdfast:restored-from';

/** Ids of all keys of the region, AWS's own included, a page at a time. */
export async function* keyIds(client: KMS): AsyncGenerator<string> {
  let Marker: string | undefined;
  do {
    const page = await required(client.listKeys({ Limit: 1000, Marker }), 'ListKeys', 'kms');
    for (const { KeyId } of page.Keys ?? []) if (KeyId !== undefined) yield KeyId;
    Marker = page.Truncated ? page.NextMarker : undefined;
  } while (Marker !== undefined);
}

export interface ListedAlias {
  readonly name: string;
  readonly arn: string;
  readonly target: string;
}

/** Aliases of the region, or of one key. Those of AWS's own keys are left out. */
export async function* aliases(client: KMS, KeyId?: string): AsyncGenerator<ListedAlias> {
  let Marker: string | undefined;
  do {
    const asking = client.listAliases({ Limit: 100, Marker, ...(KeyId === undefined ? {} : { KeyId }) });
    const page = await required(asking, 'ListAliases', 'kms');
    for (const { AliasName: name, AliasArn: arn, TargetKeyId: target } of page.Aliases ?? [])
      if (name !== undefined && arn !== undefined && target !== undefined && !name.startsWith('alias/aws/'))
        yield { name, arn, target };
    Marker = page.Truncated ? page.NextMarker : undefined;
  } while (Marker !== undefined);
}

export async function aliasesByKey(client: KMS, KeyId?: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for await (const { name, target } of aliases(client, KeyId)) found.set(target, [...(found.get(target) ?? []), name]);
  return found;
}

/** Every tag of a key, the marker of restores included. */
export async function allTags(client: KMS, KeyId: string, resource: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let Marker: string | undefined;
  do {
    const page = await required(client.listResourceTags({ KeyId, Marker }), 'ListResourceTags', resource);
    for (const { TagKey = '', TagValue = '' } of page.Tags ?? []) found[TagKey] = TagValue;
    Marker = page.Truncated ? page.NextMarker : undefined;
  } while (Marker !== undefined);
  return found;
}

/** Customer-managed keys, with what DescribeKey says: ListKeys does not tell whose a key is. */
export async function* listKeys({ client, aws }: Scene<KMS>): AsyncGenerator<Found> {
  const names = await aliasesByKey(client);
  for await (const KeyId of keyIds(client)) {
    const resource = `kms/keys/${KeyId}`;
    const asking = required(client.describeKey({ KeyId }), 'DescribeKey', resource);
    const metadata = (await ifAllowed(asking))?.KeyMetadata;
    if (metadata?.KeyManager === 'AWS') continue;
    const all = await ifAllowed(allTags(client, KeyId, resource));
    const { [markerTag]: _, ...tags } = all ?? {};
    const listed: ListedKey = {
      ...(metadata ? { key: keyDocument(metadata, names.get(KeyId) ?? []) } : {}),
      ...(all ? { tags } : {}),
    };
    const id = metadata?.Arn ?? `arn:aws:kms:${aws.region}:${aws.account}:key/${KeyId}`;
    yield { name: KeyId, id, tags, listed: listed as unknown as Json };
  }
}
