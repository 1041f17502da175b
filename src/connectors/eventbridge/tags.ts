import type { EventBridge } from '@aws-sdk/client-eventbridge';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { tagsOf, tagsPart } from '../documents/tags.ts';

/** Tags of a bus or rule; the other kinds have none. */
export async function readTags({ client }: Scene<EventBridge>, address: Address): Promise<Record<string, string>> {
  const reading = client.listTagsForResource({ ResourceARN: address.id });
  return tagsOf((await required(reading, 'ListTagsForResource', address.resource)).Tags);
}

export const tags = tagsPart<EventBridge, unknown>({
  read: readTags,
  add: ({ client }, { id, resource }, Tags) =>
    required(client.tagResource({ ResourceARN: id, Tags }), 'TagResource', resource),
  remove: ({ client }, { id, resource }, TagKeys) =>
    required(client.untagResource({ ResourceARN: id, TagKeys }), 'UntagResource', resource),
});
