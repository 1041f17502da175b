import type { SNS } from '@aws-sdk/client-sns';
import { ifAllowed } from '../documents/allowed.ts';
import { optional, required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { tagList, tagsOf } from '../documents/tags.ts';
import type { Created, Documents, Found, Scene } from '../documents/contract.ts';

export const files = {
  attributes: 'attributes.json',
  policy: 'policy.json',
  dataProtection: 'data-protection.json',
  tags: 'tags.json',
  subscriptions: 'subscriptions.json',
  webhooks: 'webhooks.json',
} as const;

/** Topics a page at a time, with their tags. */
export async function* listTopics({ client }: Scene<SNS>): AsyncGenerator<Found> {
  let NextToken: string | undefined;
  do {
    const page = await required(client.listTopics({ NextToken }), 'ListTopics', 'sns');
    for (const { TopicArn: id = '' } of page.Topics ?? []) {
      const name = id.slice(id.lastIndexOf(':') + 1);
      const tags = await ifAllowed(readTags(client, id, `sns/${name}`));
      yield { name, id, ...(tags ? { tags, listed: { tags } } : {}) };
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}

export async function readTags(client: SNS, ResourceArn: string, resource: string): Promise<Record<string, string>> {
  const { Tags } = await required(client.listTagsForResource({ ResourceArn }), 'ListTagsForResource', resource);
  return tagsOf(Tags);
}

function arnOf({ region, account }: AwsAccess, name: string): string {
  return `arn:aws:sns:${region}:${account}:${name}`;
}

export async function findTopic({ client, aws }: Scene<SNS>, name: string): Promise<string | undefined> {
  const TopicArn = arnOf(aws, name);
  const asking = client.getTopicAttributes({ TopicArn });
  const found = await optional(asking, 'GetTopicAttributes', `sns/${name}`, 'NotFound', 'NotFoundException');
  return found === undefined ? undefined : TopicArn;
}

/** With its tags and what cannot be said later; creating it again with the same attributes succeeds. */
export async function createTopic({ client, aws }: Scene<SNS>, name: string, documents: Documents): Promise<Created> {
  const { FifoTopic } = (documents.get(files.attributes) ?? {}) as Record<string, string | undefined>;
  const Tags = tagList(documents.get(files.tags));
  const creating = client.createTopic({
    Name: name,
    ...(FifoTopic === undefined ? {} : { Attributes: { FifoTopic } }),
    Tags,
  });
  const { TopicArn } = await required(creating, 'CreateTopic', `sns/${name}`);
  return { id: TopicArn ?? arnOf(aws, name) };
}
