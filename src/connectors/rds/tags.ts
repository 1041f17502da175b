import type { RDS } from '@aws-sdk/client-rds';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { tagsOf, tagsPart } from '../documents/tags.ts';

export async function readTags(
  { client }: Scene<RDS>,
  { id, resource }: Pick<Address, 'id' | 'resource'>,
): Promise<Record<string, string>> {
  const reading = client.listTagsForResource({ ResourceName: id });
  return tagsOf((await required(reading, 'ListTagsForResource', resource)).TagList);
}

export const tags = tagsPart<RDS, unknown>({
  read: readTags,
  add: ({ client }, { id, resource }, Tags) =>
    required(client.addTagsToResource({ ResourceName: id, Tags }), 'AddTagsToResource', resource),
  remove: ({ client }, { id, resource }, TagKeys) =>
    required(client.removeTagsFromResource({ ResourceName: id, TagKeys }), 'RemoveTagsFromResource', resource),
});
