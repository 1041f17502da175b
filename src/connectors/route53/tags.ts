import type { RestoreContext } from '../contract.ts';
import { required } from '../aws/classify.ts';
import { route53 } from './client.ts';
import { listTags } from './listing.ts';
import type { Options } from './options.ts';

type Context = RestoreContext<Options>;

export interface TagChanges {
  readonly add: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** What differs in tags; `aws:` tags are Amazon's own and cannot be set. */
export async function tagChanges(
  context: Context,
  wanted: Readonly<Record<string, string>> | undefined,
  type: 'hostedzone' | 'healthcheck',
  id: string,
): Promise<TagChanges> {
  if (wanted === undefined) return { add: {}, remove: [] };
  const live = (await listTags(context.aws, type, [id])).get(id) ?? {};
  return diffTags(wanted, live, context.mode);
}

export function diffTags(
  wanted: Readonly<Record<string, string>>,
  live: Readonly<Record<string, string>>,
  mode: Context['mode'],
): TagChanges {
  const add = Object.entries(wanted).filter(([key, value]) => {
    if (key.startsWith('aws:')) return false;
    return live[key] === undefined || (mode !== 'create-missing' && live[key] !== value);
  });
  const remove = Object.keys(live).filter((key) => wanted[key] === undefined && !key.startsWith('aws:'));
  return { add: Object.fromEntries(add), remove: mode === 'exact' ? remove.sort() : [] };
}

export function countTags({ add, remove }: TagChanges): number {
  return Object.keys(add).length + remove.length;
}

// ChangeTagsForResource takes at most ten tags to add and ten keys to remove.
const tagsPerCall = 10;

export async function setTags(
  context: Context,
  ResourceType: 'hostedzone' | 'healthcheck',
  ResourceId: string,
  { add, remove }: TagChanges,
  resource: string,
): Promise<void> {
  const { client, sdk } = await route53(context.aws);
  const added = Object.entries(add).map(([Key, Value]) => ({ Key, Value }));
  // Removed first: a resource has at most 50 tags.
  for (let from = 0; from < remove.length; from += tagsPerCall) {
    const RemoveTagKeys = remove.slice(from, from + tagsPerCall);
    const command = new sdk.ChangeTagsForResourceCommand({ ResourceType, ResourceId, RemoveTagKeys });
    await required(client.send(command), 'ChangeTagsForResource', resource);
  }
  for (let from = 0; from < added.length; from += tagsPerCall) {
    const AddTags = added.slice(from, from + tagsPerCall);
    const command = new sdk.ChangeTagsForResourceCommand({ ResourceType, ResourceId, AddTags });
    await required(client.send(command), 'ChangeTagsForResource', resource);
  }
}
