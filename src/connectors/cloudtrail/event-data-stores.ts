import type {
  CloudTrail,
  CreateEventDataStoreCommandInput,
  EventDataStore,
  GetEventDataStoreCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags, tags } from './tags.ts';

const says = [
  'AdvancedEventSelectors',
  'MultiRegionEnabled',
  'OrganizationEnabled',
  'RetentionPeriod',
  'TerminationProtectionEnabled',
  'KmsKeyId',
  'BillingMode',
] as const;
/** A store takes some seconds. */
const [patience, pause] = [5 * 60_000, 5_000];

async function* allStores({ client }: Scene<CloudTrail>): AsyncGenerator<EventDataStore> {
  const ask = (NextToken?: string) =>
    required(client.listEventDataStores({ NextToken }), 'ListEventDataStores', 'cloudtrail');
  for await (const { EventDataStores = [] } of pages(ask, (page) => page.NextToken)) yield* EventDataStores;
}

async function get({ client, once }: Scene<CloudTrail>, { id, resource }: Pick<Address, 'id' | 'resource'>) {
  const asking = async (): Promise<GetEventDataStoreCommandOutput> =>
    await required(client.getEventDataStore({ EventDataStore: id }), 'GetEventDataStore', resource);
  return await once(`store ${id}`, asking);
}

/** Those that wait to be deleted are gone, unless a restore calls them back. Their state is in the answer about each. */
async function* listStores(scene: Scene<CloudTrail>): AsyncGenerator<Found> {
  for await (const { Name: name = '', EventDataStoreArn: id = '' } of allStores(scene)) {
    const resource = `cloudtrail/event-data-stores/${name}`;
    const { Status } = await get(scene, { id, resource });
    if (Status === 'PENDING_DELETION') continue;
    const found = await readTags(scene, { id, resource });
    yield { name, id, tags: found, listed: { tags: found } };
  }
}

const store: DocumentPart<CloudTrail> = {
  file: 'event-data-store.json',
  read: async (scene, address) => pick(await get(scene, address), ...says),
  async write({ client }, { id, resource }, wanted) {
    const update = { EventDataStore: id, ...(wanted as object) };
    await required(client.updateEventDataStore(update), 'UpdateEventDataStore', resource);
  },
};

/** Whether it takes events: last of all. */
const ingestion: DocumentPart<CloudTrail> = {
  file: 'ingestion.json',
  phase: 'enable',
  async read(scene, address) {
    const { Status } = await get(scene, address);
    return { ingests: Status !== 'STOPPED_INGESTION' && Status !== 'STOPPING_INGESTION' };
  },
  async write({ client }, { id, resource }, wanted) {
    const which = { EventDataStore: id };
    const runs = (wanted as { readonly ingests: boolean } | undefined)?.ingests ?? false;
    if (runs) await required(client.startEventDataStoreIngestion(which), 'StartEventDataStoreIngestion', resource);
    else await required(client.stopEventDataStoreIngestion(which), 'StopEventDataStoreIngestion', resource);
  },
};

async function find(scene: Scene<CloudTrail>, name: string, waiting: boolean): Promise<string | undefined> {
  for await (const { Name, EventDataStoreArn: id = '' } of allStores(scene)) {
    if (Name !== name) continue;
    const { Status } = await get(scene, { id, resource: `cloudtrail/event-data-stores/${name}` });
    if ((Status === 'PENDING_DELETION') === waiting) return id;
  }
  return undefined;
}

/** One that waits to be deleted is called back, with its events; else a new one, which takes none yet. */
async function create(scene: Scene<CloudTrail>, Name: string, documents: Documents): Promise<Created> {
  const resource = `cloudtrail/event-data-stores/${Name}`;
  const { client } = scene;
  const waiting = await find(scene, Name, true);
  if (waiting !== undefined) {
    await required(client.restoreEventDataStore({ EventDataStore: waiting }), 'RestoreEventDataStore', resource);
    return { id: waiting };
  }
  const TagsList = tagList(documents.get('tags.json'));
  const whole = { ...(documents.get(store.file) as object), ...(TagsList.length > 0 ? { TagsList } : {}) };
  const creation: CreateEventDataStoreCommandInput = { Name, ...whole, StartIngestion: false };
  const made = await required(client.createEventDataStore(creation), 'CreateEventDataStore', resource);
  const id = made.EventDataStoreArn ?? '';
  await untilCreated(scene, id, resource);
  return { id };
}

/** Throws item.unavailable where it takes too long. */
async function untilCreated(
  { client, runtime, signal }: Scene<CloudTrail>,
  id: string,
  resource: string,
): Promise<void> {
  const until = runtime.clock.now() + patience;
  for (;;) {
    const asking = client.getEventDataStore({ EventDataStore: id });
    const { Status } = await required(asking, 'GetEventDataStore', resource);
    if (Status !== 'CREATED') return;
    if (runtime.clock.now() > until)
      throw new HoldfastError('item.unavailable', `${resource} is not ready after ${patience / 60_000} minutes`, {
        resource,
      });
    await runtime.clock.sleep(pause, signal);
  }
}

export const eventDataStores: DocumentKind<CloudTrail> = {
  kind: 'event-data-stores',
  list: listStores,
  parts: [store, tags, ingestion],
  live: { find: async (scene, name) => await find(scene, name, false), create },
  notes: () => [
    {
      class: 'lost',
      what: 'events in the store',
      why: 'They are not captured. A store that waits to be deleted (seven days) is called back with them; a new one is empty.',
      action: 'Keep the termination protection on; send events to a bucket with a trail as well.',
    },
  ],
};
