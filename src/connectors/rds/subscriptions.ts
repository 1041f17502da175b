import type { EventSubscription, RDS } from '@aws-sdk/client-rds';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags, tags } from './tags.ts';

async function* listSubscriptions(scene: Scene<RDS>): AsyncGenerator<Found> {
  const ask = (Marker?: string) =>
    required(scene.client.describeEventSubscriptions({ MaxRecords: 100, Marker }), 'DescribeEventSubscriptions', 'rds');
  for await (const { EventSubscriptionsList = [] } of pages(ask, (page) => page.Marker))
    for (const subscription of EventSubscriptionsList) {
      const { CustSubscriptionId: name = '', EventSubscriptionArn: id = '' } = subscription;
      const found = await readTags(scene, { id, resource: `rds/event-subscriptions/${name}` });
      yield { name, id, tags: found, listed: { tags: found, ...documentsOf(subscription) } };
    }
}

interface Parts {
  readonly subscription: Json;
  readonly sources: readonly string[];
  readonly state: Json;
}

function documentsOf(subscription: EventSubscription): Parts & { readonly [key: string]: Json } {
  const { SnsTopicArn = '', SourceType, EventCategoriesList = [], SourceIdsList = [], Enabled = false } = subscription;
  return {
    subscription: {
      SnsTopicArn,
      ...(SourceType ? { SourceType } : {}),
      EventCategories: EventCategoriesList.toSorted(),
    },
    sources: SourceIdsList.toSorted(),
    state: { Enabled },
  };
}

async function find({ client }: Scene<RDS>, SubscriptionName: string): Promise<EventSubscription | undefined> {
  const asking = client.describeEventSubscriptions({ SubscriptionName });
  const resource = `rds/event-subscriptions/${SubscriptionName}`;
  const names = ['SubscriptionNotFound', 'SubscriptionNotFoundFault'] as const;
  return (await optional(asking, 'DescribeEventSubscriptions', resource, ...names))?.EventSubscriptionsList?.[0];
}

async function parts(scene: Scene<RDS>, { name }: Address, listed?: Json): Promise<Parts> {
  if (listed !== undefined) return listed as unknown as Parts;
  return await scene.once('subscription', async () => documentsOf((await find(scene, name)) ?? {}));
}

async function modify({ client }: Scene<RDS>, { name, resource }: Address, change: object): Promise<void> {
  const changing = client.modifyEventSubscription({ SubscriptionName: name, ...change });
  await required(changing, 'ModifyEventSubscription', resource);
}

const subscription: DocumentPart<RDS> = {
  file: 'subscription.json',
  read: async (scene, address, listed) => (await parts(scene, address, listed)).subscription,
  write: async (scene, address, wanted) => await modify(scene, address, wanted as object),
};

/** Databases that it is about, if not all: each must be there to be named. */
const sources: DocumentPart<RDS> = {
  file: 'subscription-sources.json',
  phase: 'settle',
  async read(scene, address, listed) {
    const found = (await parts(scene, address, listed)).sources;
    return found.length === 0 ? undefined : found;
  },
  async write({ client }, { name: SubscriptionName, resource }, wanted, live) {
    const [now, then] = [(live ?? []) as readonly string[], (wanted ?? []) as readonly string[]];
    for (const SourceIdentifier of then.filter((one) => !now.includes(one))) {
      const adding = client.addSourceIdentifierToSubscription({ SubscriptionName, SourceIdentifier });
      await required(adding, 'AddSourceIdentifierToSubscription', resource);
    }
    for (const SourceIdentifier of now.filter((one) => !then.includes(one))) {
      const removing = client.removeSourceIdentifierFromSubscription({ SubscriptionName, SourceIdentifier });
      await required(removing, 'RemoveSourceIdentifierFromSubscription', resource);
    }
  },
};

const state: DocumentPart<RDS> = {
  file: 'subscription-state.json',
  phase: 'enable',
  read: async (scene, address, listed) => (await parts(scene, address, listed)).state,
  write: async (scene, address, wanted) => await modify(scene, address, (wanted ?? { Enabled: false }) as object),
};

async function create({ client }: Scene<RDS>, SubscriptionName: string, documents: Documents): Promise<Created> {
  const says = documents.get(subscription.file) as unknown as { readonly SnsTopicArn: string };
  const Tags = tagList(documents.get('tags.json'));
  const creation = client.createEventSubscription({ SubscriptionName, ...says, Enabled: false, Tags });
  const made = await required(creation, 'CreateEventSubscription', `rds/event-subscriptions/${SubscriptionName}`);
  return { id: made.EventSubscription?.EventSubscriptionArn ?? '' };
}

export const eventSubscriptions: DocumentKind<RDS> = {
  kind: 'event-subscriptions',
  rank: 1,
  list: listSubscriptions,
  parts: [subscription, sources, tags, state],
  live: { find: async (scene, name) => (await find(scene, name))?.EventSubscriptionArn, create },
};
