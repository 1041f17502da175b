import type { Json } from '../../kernel/json.ts';
import type { Address, DocumentPart, Scene } from './contract.ts';

/** As most services spell a tag. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export function tagsOf(
  list: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** For a call that sets them. Tags of AWS itself (`aws:cloudformation:stack-id`) can be read, and set by nobody. */
export function tagList(tags: Json | undefined): Tag[] {
  return Object.entries(ours((tags ?? {}) as Record<string, string>)).map(([Key, Value]) => ({ Key, Value }));
}

function ours(tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('aws:')));
}

export interface TagCalls<Client, Options> {
  /** Not asked where the listing said them (`listed.tags`). */
  read(scene: Scene<Client, Options>, address: Address): Promise<Record<string, string>>;
  add(scene: Scene<Client, Options>, address: Address, tags: Tag[]): Promise<unknown>;
  remove(scene: Scene<Client, Options>, address: Address, keys: string[]): Promise<unknown>;
}

/** `tags.json`: a map. Tags of AWS itself are kept and not compared. */
export function tagsPart<Client, Options>(calls: TagCalls<Client, Options>): DocumentPart<Client, Options> {
  return {
    file: 'tags.json',
    comparable(document) {
      const tags = ours(document as Record<string, string>);
      return Object.keys(tags).length === 0 ? undefined : tags;
    },
    async read(scene, address, listed) {
      const known = (listed as { readonly tags?: Record<string, string> } | undefined)?.tags;
      const found = known ?? (await calls.read(scene, address));
      return Object.keys(found).length === 0 ? undefined : found;
    },
    async write(scene, address, wanted, live) {
      const tags = tagList(wanted);
      const keys = tagList(live).flatMap(({ Key }) => (tags.some((tag) => tag.Key === Key) ? [] : [Key]));
      if (keys.length > 0) await calls.remove(scene, address, keys);
      if (tags.length > 0) await calls.add(scene, address, tags);
    },
  };
}
