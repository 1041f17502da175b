import type { SFN } from '@aws-sdk/client-sfn';
import { required } from '../aws/classify.ts';
import { tagsPart } from '../documents/tags.ts';

export async function readTags(client: SFN, resourceArn: string, resource: string): Promise<Record<string, string>> {
  const { tags = [] } = await required(client.listTagsForResource({ resourceArn }), 'ListTagsForResource', resource);
  return Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value]));
}

export const tags = tagsPart<SFN, Record<string, never>>({
  read: async ({ client }, { id, resource }) => await readTags(client, id, resource),
  add: async ({ client }, { id: resourceArn, resource }, list) => {
    const pairs = list.map(({ Key, Value }) => ({ key: Key, value: Value }));
    await required(client.tagResource({ resourceArn, tags: pairs }), 'TagResource', resource);
  },
  remove: async ({ client }, { id: resourceArn, resource }, tagKeys) =>
    await required(client.untagResource({ resourceArn, tagKeys }), 'UntagResource', resource),
});
