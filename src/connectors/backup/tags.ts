import type { Backup } from '@aws-sdk/client-backup';
import { required } from '../aws/classify.ts';
import { tagsPart } from '../documents/tags.ts';

/** Tags of a vault or plan, by its ARN. Throws item errors. */
export async function readTags(client: Backup, arn: string, resource: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let NextToken: string | undefined;
  do {
    const page = await required(client.listTags({ ResourceArn: arn, NextToken }), 'ListTags', resource);
    Object.assign(found, page.Tags);
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return found;
}

export const tags = tagsPart<Backup, unknown>({
  read: ({ client }, { id, resource }) => readTags(client, id, resource),
  add({ client }, { id, resource }, list) {
    const Tags = Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
    return required(client.tagResource({ ResourceArn: id, Tags }), 'TagResource', resource);
  },
  remove: ({ client }, { id, resource }, TagKeyList) =>
    required(client.untagResource({ ResourceArn: id, TagKeyList }), 'UntagResource', resource),
});
