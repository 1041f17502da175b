import type { CloudTrail } from '@aws-sdk/client-cloudtrail';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf, tagsPart } from '../documents/tags.ts';

export async function readTags(
  { client }: Scene<CloudTrail>,
  { id, resource }: Pick<Address, 'id' | 'resource'>,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const ask = (NextToken?: string) =>
    required(client.listTags({ ResourceIdList: [id], NextToken }), 'ListTags', resource);
  for await (const { ResourceTagList = [] } of pages(ask, (page) => page.NextToken))
    for (const { TagsList } of ResourceTagList) Object.assign(found, tagsOf(TagsList));
  return found;
}

export const tags = tagsPart<CloudTrail, unknown>({
  read: readTags,
  add: ({ client }, { id, resource }, TagsList) =>
    required(client.addTags({ ResourceId: id, TagsList }), 'AddTags', resource),
  remove: ({ client }, { id, resource }, keys) =>
    required(client.removeTags({ ResourceId: id, TagsList: keys.map((Key) => ({ Key })) }), 'RemoveTags', resource),
});
