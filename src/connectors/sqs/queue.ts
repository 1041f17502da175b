import type { SQS } from '@aws-sdk/client-sqs';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, Documents, Found, Scene } from '../documents/contract.ts';

export const files = {
  attributes: 'attributes.json',
  policy: 'policy.json',
  redrive: 'redrive.json',
  tags: 'tags.json',
} as const;

const notThere = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'] as const;

/** Queues a page at a time, with their tags. */
export async function* listQueues({ client, aws }: Scene<SQS>): AsyncGenerator<Found> {
  let NextToken: string | undefined;
  do {
    const page = await required(client.listQueues({ MaxResults: 1000, NextToken }), 'ListQueues', 'sqs');
    for (const url of page.QueueUrls ?? []) {
      const name = url.slice(url.lastIndexOf('/') + 1);
      const { Tags = {} } = await required(client.listQueueTags({ QueueUrl: url }), 'ListQueueTags', `sqs/${name}`);
      yield { name, id: `arn:aws:sqs:${aws.region}:${aws.account}:${name}`, tags: Tags, listed: { url, tags: Tags } };
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}

/** The queue's address; undefined where there is none of this name. */
async function urlOf(client: SQS, name: string): Promise<string | undefined> {
  const found = await optional(client.getQueueUrl({ QueueName: name }), 'GetQueueUrl', `sqs/${name}`, ...notThere);
  return found?.QueueUrl;
}

export async function findQueue({ client, aws }: Scene<SQS>, name: string): Promise<string | undefined> {
  const url = await urlOf(client, name);
  return url === undefined ? undefined : `arn:aws:sqs:${aws.region}:${aws.account}:${name}`;
}

/** With everything but what may name queues that are not there yet. Creating it again with the same attributes succeeds. */
export async function createQueue({ client, aws }: Scene<SQS>, name: string, documents: Documents): Promise<Created> {
  const Attributes = { ...(documents.get(files.attributes) as Record<string, string> | undefined) };
  const tags = documents.get(files.tags) as Record<string, string> | undefined;
  const creating = client.createQueue({ QueueName: name, Attributes, ...(tags ? { tags } : {}) });
  await required(creating, 'CreateQueue', `sqs/${name}`);
  return { id: `arn:aws:sqs:${aws.region}:${aws.account}:${name}` };
}

export function notes(): readonly LedgerNote[] {
  return [
    {
      class: 'lost',
      what: 'messages in the queue',
      why: 'SQS has no way to read messages without taking them from those they are for.',
      action: 'Let producers be able to send again what was not processed; keep what matters in a store.',
    },
  ];
}

/** Its URL: from the listing, where this capture made one. */
export async function addressOf(
  { client, once }: Scene<SQS>,
  { name, resource }: Address,
  listed?: Json,
): Promise<string> {
  const url = listedUrl(listed) ?? (await once('url', () => urlOf(client, name)));
  if (url === undefined) throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  return url;
}

function listedUrl(listed: Json | undefined): string | undefined {
  return (listed as { readonly url?: string } | undefined)?.url;
}
