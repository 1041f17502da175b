import type { CreateEventBusCommandInput, EventBridge, EventBus } from '@aws-sdk/client-eventbridge';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick, unlessEmpty } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags, tags } from './tags.ts';

/** The bus that every region has: there is nothing to protect unless somebody set something. */
const everywhere = 'default';
const partner = 'aws.partner/';
const set = ['Description', 'KmsKeyIdentifier', 'DeadLetterConfig', 'LogConfig'] as const;

export async function* allBuses({ client }: Scene<EventBridge>): AsyncGenerator<EventBus> {
  const ask = (NextToken?: string) =>
    required(client.listEventBuses({ Limit: 100, NextToken }), 'ListEventBuses', 'eventbridge');
  for await (const { EventBuses = [] } of pages(ask, (page) => page.NextToken)) yield* EventBuses;
}

async function* listBuses(scene: Scene<EventBridge>): AsyncGenerator<Found> {
  for await (const { Name: name = '', Arn: id = '', Policy } of allBuses(scene)) {
    const found = await readTags(scene, { name, id, resource: `eventbridge/buses/${name}` });
    if (name === everywhere && !Policy && Object.keys(found).length === 0) {
      const { client } = scene;
      const described = await required(client.describeEventBus({ Name: name }), 'DescribeEventBus', 'eventbridge');
      if (Object.keys(pick(described, ...set)).length === 0) continue;
    }
    yield { name, id, tags: found, listed: { tags: found } };
  }
}

const bus: DocumentPart<EventBridge> = {
  file: 'bus.json',
  async read(scene, { name, resource }) {
    const described = await describe(scene, name, resource);
    return name === everywhere ? unlessEmpty(pick(described, ...set)) : pick(described, ...set);
  },
  async write({ client }, { name, resource }, wanted) {
    const Name = { Name: name };
    // What is not said is taken away.
    const update = { ...Name, Description: '', KmsKeyIdentifier: '', ...(wanted as object | undefined) };
    await required(client.updateEventBus(update), 'UpdateEventBus', resource);
  },
};

/** Who may send to it and make rules on it: accounts, organisations and roles, some of which are restored later. */
const policy: DocumentPart<EventBridge> = {
  file: 'policy.json',
  phase: 'settle',
  async read(scene, { name, resource }) {
    const { Policy } = await describe(scene, name, resource);
    return Policy ? (JSON.parse(Policy) as Json) : undefined;
  },
  async write({ client }, { name: EventBusName, resource }, wanted) {
    if (wanted === undefined) {
      const removal = client.removePermission({ EventBusName, RemoveAllPermissions: true });
      await required(removal, 'RemovePermission', resource);
    } else {
      const putting = client.putPermission({ EventBusName, Policy: JSON.stringify(wanted) });
      await required(putting, 'PutPermission', resource);
    }
  },
};

async function describe({ client, once }: Scene<EventBridge>, Name: string, resource: string) {
  return await once('bus', () => required(client.describeEventBus({ Name }), 'DescribeEventBus', resource));
}

async function findBus({ client }: Scene<EventBridge>, Name: string): Promise<string | undefined> {
  const describing = client.describeEventBus({ Name });
  const resource = `eventbridge/buses/${Name}`;
  return (await optional(describing, 'DescribeEventBus', resource, 'ResourceNotFoundException'))?.Arn;
}

async function createBus({ client }: Scene<EventBridge>, Name: string, documents: Documents): Promise<Created> {
  const creation: CreateEventBusCommandInput = {
    Name,
    ...(documents.get('bus.json') as object | undefined),
    ...(Name.startsWith(partner) ? { EventSourceName: Name } : {}),
    Tags: tagList(documents.get('tags.json')),
  };
  const made = await required(client.createEventBus(creation), 'CreateEventBus', `eventbridge/buses/${Name}`);
  return { id: made.EventBusArn ?? '' };
}

function notes(name: string): readonly LedgerNote[] {
  if (!name.startsWith(partner)) return [];
  return [
    {
      class: 'needs-human',
      what: 'events of the partner',
      why: 'The bus belongs to an event source that only the partner can offer to an account and region.',
      action: 'Ask the partner for an event source of the same name at the target before restoring there.',
    },
  ];
}

export const buses: DocumentKind<EventBridge> = {
  kind: 'buses',
  list: listBuses,
  parts: [bus, policy, tags],
  live: { find: findBus, create: createBus },
  notes: (_, { name }) => notes(name),
};
