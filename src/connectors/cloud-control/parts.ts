import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import type { Clients } from './calls.ts';
import { partsOf } from './identity.ts';
import type { Options } from './options.ts';
import { follow } from './requests.ts';
import { schemaOf, split } from './schema.ts';

type ControlPart = DocumentPart<Clients, Options>;

export interface TypeDocument {
  readonly TypeName: string;
  readonly Identifier: string;
  /** Properties that the type takes and never tells. */
  readonly WriteOnly?: readonly string[];
  /** The service makes the identifier. */
  readonly Generated?: boolean;
}

async function get(scene: Scene<Clients, Options>, { id, resource }: Address) {
  return await scene.once('resource', async () => {
    const { control } = scene.client;
    const schema = await schemaOf(scene, partsOf(id).TypeName);
    const { ResourceDescription } = await required(control.getResource(partsOf(id)), 'GetResource', resource);
    const all = JSON.parse(ResourceDescription?.Properties ?? '{}') as Record<string, Json>;
    return { schema, ...split(all, schema) };
  });
}

const bare = (path: string): string => path.replace(/^\/properties\//, '');

/** Which resource it is: how a restore finds it. */
export const typeOf: ControlPart = {
  file: 'type.json',
  async read(scene, address) {
    const { schema } = await get(scene, address);
    const { readOnlyProperties = [], writeOnlyProperties = [], primaryIdentifier = [] } = schema;
    return {
      ...partsOf(address.id),
      ...(writeOnlyProperties.length > 0 ? { WriteOnly: writeOnlyProperties.map(bare).sort() } : {}),
      ...(primaryIdentifier.some((path) => readOnlyProperties.includes(path)) ? { Generated: true } : {}),
    };
  },
  comparable: () => undefined,
};

/** What one can say of it. Secret, for nobody can tell which property of which type holds one. */
export const properties: ControlPart = {
  file: 'properties.json',
  secret: true,
  read: async (scene, address) => (await get(scene, address)).settable,
  async write(scene, { id, resource }, wanted, live) {
    const PatchDocument = JSON.stringify(patch(wanted as Record<string, Json>, live as Record<string, Json>));
    const updating = scene.client.control.updateResource({ ...partsOf(id), PatchDocument });
    await follow(scene, (await required(updating, 'UpdateResource', resource)).ProgressEvent, resource);
  },
};

/** What the service says of it: ARNs, ids, addresses; facts that no restore brings back. */
export const readOnly: ControlPart = {
  file: 'read-only.json',
  secret: true,
  async read(scene, address) {
    const { readOnly: found } = await get(scene, address);
    return Object.keys(found).length === 0 ? undefined : found;
  },
  comparable: () => undefined,
};

/** RFC 6902, a whole property at a time. */
export function patch(wanted: Record<string, Json>, live: Record<string, Json>): Record<string, Json>[] {
  const path = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const gone = Object.keys(live).filter((name) => !(name in wanted));
  const changed = Object.entries(wanted).filter(
    ([name, value]) => !(name in live) || canonicalJson(live[name] as Json) !== canonicalJson(value),
  );
  return [
    ...gone.map((name) => ({ op: 'remove', path: path(name) })),
    ...changed.map(([name, value]) => ({ op: name in live ? 'replace' : 'add', path: path(name), value })),
  ];
}
