import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { tagsOf, tagsPart } from '../documents/tags.ts';

export async function readTags(
  { client }: Scene<CloudWatch>,
  { id, resource }: Pick<Address, 'id' | 'resource'>,
): Promise<Record<string, string>> {
  const reading = client.listTagsForResource({ ResourceARN: id });
  return tagsOf((await required(reading, 'ListTagsForResource', resource)).Tags);
}

export const tags = tagsPart<CloudWatch, unknown>({
  read: readTags,
  add: ({ client }, { id, resource }, Tags) =>
    required(client.tagResource({ ResourceARN: id, Tags }), 'TagResource', resource),
  remove: ({ client }, { id, resource }, TagKeys) =>
    required(client.untagResource({ ResourceARN: id, TagKeys }), 'UntagResource', resource),
});
