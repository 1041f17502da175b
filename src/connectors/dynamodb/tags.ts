import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { required } from '../aws/classify.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Every tag of a table, sorted by key. */
export async function readTags(client: DynamoDB, arn: string, resource: string): Promise<Tag[]> {
  const tags: Tag[] = [];
  let token: string | undefined;
  do {
    const page = await required(
      client.listTagsOfResource({ ResourceArn: arn, ...(token === undefined ? {} : { NextToken: token }) }),
      'ListTagsOfResource',
      resource,
    );
    for (const { Key = '', Value = '' } of page.Tags ?? []) tags.push({ Key, Value });
    token = page.NextToken === token ? undefined : page.NextToken;
  } while (token !== undefined);
  return tags.sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** Tags that AWS sets itself (`aws:cloudformation:…`) can be written by nobody else. */
export function isOwnTag(tag: Tag): boolean {
  return !tag.Key.startsWith('aws:');
}
