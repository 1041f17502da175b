import type { ConfigService } from '@aws-sdk/client-config-service';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf, tagsPart } from '../documents/tags.ts';

export async function readTags(
  { client }: Scene<ConfigService>,
  { id, resource }: Pick<Address, 'id' | 'resource'>,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const ask = (NextToken?: string) =>
    required(client.listTagsForResource({ ResourceArn: id, NextToken }), 'ListTagsForResource', resource);
  for await (const { Tags } of pages(ask, (page) => page.NextToken)) Object.assign(found, tagsOf(Tags));
  return found;
}

export const tags = tagsPart<ConfigService, unknown>({
  read: readTags,
  add: ({ client }, { id, resource }, Tags) =>
    required(client.tagResource({ ResourceArn: id, Tags }), 'TagResource', resource),
  remove: ({ client }, { id, resource }, TagKeys) =>
    required(client.untagResource({ ResourceArn: id, TagKeys }), 'UntagResource', resource),
});
