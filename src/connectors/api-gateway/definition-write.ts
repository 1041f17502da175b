import type { APIGateway } from '@aws-sdk/client-api-gateway';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { comparableMethod, definitionFile, readDraft, type Definition, type Draft } from './definition.ts';
import type { Facts } from '../documents/said.ts';
import { elements, type Element } from './elements.ts';
import { putMethod } from './methods.ts';
import { vpcLinks } from './vpc-link-list.ts';

/**
 * Makes the draft so: what methods refer to first, then resources and methods, then what nobody refers to any more. A
 * method that differs is made anew: nobody is served by a draft. Returns the ids that changed.
 */
export async function writeDefinition(
  scene: Scene<APIGateway>,
  address: Address,
  document: Json,
): Promise<{ from: string; to: string }[]> {
  const wanted = document as unknown as Definition;
  const live = await readDraft(scene, address);
  for (const element of elements) await putElements(scene, address, element, wanted, live);
  const made = await readDraft(scene, address);
  await putResources(scene, address, wanted, made);
  for (const element of elements) await deleteElements(scene, address, element, wanted, made);
  return [...made.authorizers].flatMap(([name, to]) => {
    const from = wanted.ids[name];
    return from === undefined || from === to ? [] : [{ from, to }];
  });
}

async function putElements(
  scene: Scene<APIGateway>,
  address: Address,
  element: Element,
  wanted: Definition,
  live: Draft,
): Promise<void> {
  const there = live.definition[element.field] as Readonly<Record<string, Json>>;
  for (const [name, value] of Object.entries(wanted[element.field] as Readonly<Record<string, Json>>)) {
    const now = there[name];
    if (now !== undefined && canonicalJson(now) === canonicalJson(value)) continue;
    await element.put(scene.client, address, name, value, now, live);
  }
}

async function deleteElements(
  { client }: Scene<APIGateway>,
  address: Address,
  element: Element,
  wanted: Definition,
  live: Draft,
): Promise<void> {
  for (const name of Object.keys(live.definition[element.field]))
    if (!(name in wanted[element.field])) await element.remove(client, address, name, live);
}

async function putResources(
  scene: Scene<APIGateway>,
  address: Address,
  wanted: Definition,
  live: Draft,
): Promise<void> {
  const { client } = scene;
  const { id: restApiId, resource } = address;
  const ids = new Map(live.resources);
  const paths = Object.keys(wanted.resources).sort((a, b) => depth(a) - depth(b));
  const isLinked = JSON.stringify(wanted.resources).includes('"vpcLink"');
  const links = isLinked ? await vpcLinks(scene) : [];
  for (const path of paths) {
    if (!ids.has(path)) {
      const parentId = ids.get(path.slice(0, path.lastIndexOf('/')) || '/') ?? '';
      const pathPart = path.slice(path.lastIndexOf('/') + 1);
      const creating = client.createResource({ restApiId, parentId, pathPart });
      ids.set(path, (await required(creating, 'CreateResource', resource)).id ?? '');
    }
    const now = live.definition.resources[path] ?? {};
    const resourceId = ids.get(path) ?? '';
    for (const [httpMethod, method] of Object.entries(wanted.resources[path] ?? {})) {
      const there = now[httpMethod];
      if (there && isSame(there, method)) continue;
      const place = { restApiId, resourceId, httpMethod };
      if (there) await required(client.deleteMethod(place), 'DeleteMethod', resource);
      await putMethod(client, address, place, method, live, links);
    }
    for (const httpMethod of Object.keys(now))
      if (!(httpMethod in (wanted.resources[path] ?? {})))
        await required(client.deleteMethod({ restApiId, resourceId, httpMethod }), 'DeleteMethod', resource);
  }
  const gone = [...ids.keys()].filter((path) => !(path in wanted.resources)).sort((a, b) => depth(b) - depth(a));
  for (const path of gone) {
    const resourceId = ids.get(path) ?? '';
    await required(client.deleteResource({ restApiId, resourceId }), 'DeleteResource', resource);
  }
}

function isSame(a: Facts, b: Facts): boolean {
  return canonicalJson(comparableMethod(a)) === canonicalJson(comparableMethod(b));
}

function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length;
}

/** The draft. Writing it deploys nothing: what is served stays until a stage is deployed. */
export const definition: DocumentPart<APIGateway> = {
  ...definitionFile,
  async write(scene, address, wanted) {
    if (wanted === undefined)
      throw new HoldfastError('internal.bug', `${address.resource} was captured without its definition`);
    await writeDefinition(scene, address, wanted);
  },
};
