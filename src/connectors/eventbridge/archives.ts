import type { EventBridge } from '@aws-sdk/client-eventbridge';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';

async function* listArchives({ client, aws }: Scene<EventBridge>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.listArchives({ Limit: 100, NextToken }), 'ListArchives', 'eventbridge');
  for await (const { Archives = [] } of pages(ask, (page) => page.NextToken))
    for (const { ArchiveName: name = '' } of Archives)
      yield { name, id: `arn:aws:events:${aws.region}:${aws.account}:archive/${name}` };
}

const archive: DocumentPart<EventBridge> = {
  file: 'archive.json',
  async read({ client }, { name, resource }) {
    const described = await required(client.describeArchive({ ArchiveName: name }), 'DescribeArchive', resource);
    const { EventPattern } = described;
    return {
      ...pick(described, 'EventSourceArn', 'Description', 'RetentionDays', 'KmsKeyIdentifier'),
      ...(EventPattern ? { EventPattern: JSON.parse(EventPattern) as Json } : {}),
    };
  },
  async write({ client }, { name, resource }, wanted) {
    // The bus is said once and for all. Zero days are forever.
    const { EventSourceArn: _, ...rest } = settings(wanted);
    const update = { ArchiveName: name, Description: '', RetentionDays: 0, ...rest };
    await required(client.updateArchive(update), 'UpdateArchive', resource);
  },
};

function settings(document: Json | undefined): { EventSourceArn: string; EventPattern?: string } {
  const { EventPattern, ...rest } = document as Record<string, Json> & { readonly EventSourceArn: string };
  return { ...rest, ...(EventPattern === undefined ? {} : { EventPattern: JSON.stringify(EventPattern) }) };
}

async function findArchive({ client }: Scene<EventBridge>, ArchiveName: string): Promise<string | undefined> {
  const describing = client.describeArchive({ ArchiveName });
  const resource = `eventbridge/archives/${ArchiveName}`;
  return (await optional(describing, 'DescribeArchive', resource, 'ResourceNotFoundException'))?.ArchiveArn;
}

async function createArchive(scene: Scene<EventBridge>, ArchiveName: string, documents: Documents): Promise<Created> {
  const creation = scene.client.createArchive({ ArchiveName, ...settings(documents.get(archive.file)) });
  const made = await required(creation, 'CreateArchive', `eventbridge/archives/${ArchiveName}`);
  return { id: made.ArchiveArn ?? '' };
}

/** After the buses they listen to. */
export const archives: DocumentKind<EventBridge> = {
  kind: 'archives',
  rank: 1,
  list: listArchives,
  parts: [archive],
  live: { find: findArchive, create: createArchive },
  notes: () => [
    {
      class: 'lost',
      what: 'events in the archive',
      why: 'EventBridge gives archived events to nobody: they can only be replayed to rules.',
      action: 'Where events must survive, add a rule that sends them to a bucket or stream as well.',
    },
  ],
};
