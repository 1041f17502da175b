import type { APIGateway, ApiKey } from '@aws-sdk/client-api-gateway';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { foundAs, numbered, renamed, type Numbered } from '../documents/numbered.ts';
import { allOf } from './calls.ts';
import { patchesOf } from './patches.ts';
import { writeTags } from './tags.ts';

const file = 'key.json';

/** API keys by name; their values only where they are asked for. */
export async function apiKeys({ client, once }: Scene<APIGateway>, includeValues = false): Promise<Numbered<ApiKey>[]> {
  return await once(`keys ${includeValues}`, async () => {
    const page = (position: string | undefined) => client.getApiKeys({ includeValues, limit: 500, position });
    const all = await allOf(page, 'GetApiKeys', 'api-gateway');
    return numbered(all, (key) => ({ name: key.name, id: key.id, at: key.createdDate }));
  });
}

async function* listKeys(scene: Scene<APIGateway>): AsyncGenerator<Found> {
  for (const { name, id, item } of await apiKeys(scene, true))
    yield { name, id, tags: item.tags ?? {}, listed: factsOf(item) };
}

async function keyOf({ client, once }: Scene<APIGateway>, { id, resource }: Address, listed?: Json): Promise<Facts> {
  if (listed !== undefined) return listed as Facts;
  const asking = async () =>
    factsOf(await required(client.getApiKey({ apiKey: id, includeValue: true }), 'GetApiKey', resource));
  return await once('key', asking);
}

async function createKey({ client }: Scene<APIGateway>, name: string, documents: Documents): Promise<Created> {
  const facts = documents.get(file) as unknown as Facts;
  const { value } = (documents.get('value.json') ?? {}) as { readonly value?: string };
  const { description, enabled, customerId, tags, name: own } = facts;
  const settings = { description, enabled, customerId, tags } as object;
  const creating = client.createApiKey({ ...settings, name: renamed(own as string, name), value });
  return { id: (await required(creating, 'CreateApiKey', `api-gateway/api-keys/${name}`)).id ?? '' };
}

const notes: readonly LedgerNote[] = [
  {
    class: 'new-identity',
    what: 'the id of the key',
    why: 'API Gateway generates it. The value, which clients send, stays.',
    action: 'Refer to keys by their names.',
  },
];

export const apiKeysKind: DocumentKind<APIGateway> = {
  kind: 'api-keys',
  list: listKeys,
  parts: [
    {
      file,
      async read(scene, address, listed) {
        return without(await keyOf(scene, address, listed), 'value', 'stageKeys');
      },
      comparable: (document) => without(document, 'id', 'name'),
      async write(scene, address, wanted, live) {
        const [to, from] = [(wanted ?? {}) as Facts, (live ?? {}) as Facts];
        const paths = { description: '/description', enabled: '/enabled', customerId: '/customerId' };
        const patchOperations = patchesOf(to, from, paths);
        const update = { apiKey: address.id, patchOperations };
        if (patchOperations.length > 0)
          await required(scene.client.updateApiKey(update), 'UpdateApiKey', address.resource);
        if (JSON.stringify(to['tags']) !== JSON.stringify(from['tags']))
          await writeTags(scene, address, `/apikeys/${address.id}`, to['tags'], from['tags']);
      },
    },
    {
      file: 'value.json',
      secret: true,
      async read(scene, address, listed) {
        const { value } = await keyOf(scene, address, listed);
        return value === undefined ? undefined : { value };
      },
    },
  ],
  live: {
    find: async (scene, name, documents) => foundAs(await apiKeys(scene), name, documents.get(file))?.id,
    create: createKey,
  },
  notes: () => notes,
};
