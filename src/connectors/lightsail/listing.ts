import type { Lightsail } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { Address, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { factsOf, type Facts } from '../documents/said.ts';

/** As every description of Lightsail has them. */
export interface Described {
  readonly name?: string | undefined;
  readonly arn?: string | undefined;
  readonly tags?: readonly { readonly key?: string | undefined; readonly value?: string | undefined }[] | undefined;
}

/** Facts of a description, and what has files of its own. */
export interface Listed {
  readonly facts: Facts;
  readonly tags: Record<string, string>;
}

/** What says how it is just now, or is another wherever it is asked. */
const passing = ['name', 'arn', 'tags', 'supportCode', 'state', 'status'];

export function listed(one: Described, ...without: readonly string[]): Listed & { readonly [name: string]: Json } {
  return { facts: factsOf(one, ...passing, ...without), tags: tagMap(one.tags) };
}

export function found(one: Described, more: Listed): Found {
  const { name = '', arn = '' } = one;
  return { name, id: arn, tags: more.tags, listed: more as unknown as Json };
}

export function tagMap(tags: Described['tags']): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ key = '', value = '' }) => [key, value]));
}

/** A list in an order of its own: another one where a restore gave it other addresses. */
export function inOrder(list: Json): Json {
  return (list as Json[]).toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
}

/** What the listing said of it; asked again where this capture did not list. */
export type Look = (scene: Scene<Lightsail>, address: Address) => Promise<Listed>;

/** Looks through a listing again. */
export function lookIn(list: (scene: Scene<Lightsail>) => AsyncIterable<Found>): Look {
  return async (scene, { name, resource }) =>
    await scene.once('listing', async () => {
      for await (const one of list(scene)) if (one.name === name) return one.listed as unknown as Listed;
      throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
    });
}

/** A document of what the listing said. */
export function factsPart(file: string, look: Look): DocumentPart<Lightsail> {
  return {
    file,
    async read(scene, address, known) {
      return ((known as Listed | undefined) ?? (await look(scene, address))).facts;
    },
  };
}

/** The same of what is made of a snapshot: what it says is said once, and a restore does not compare it. */
export function onceSaid(file: string, look: Look): DocumentPart<Lightsail> {
  return { ...factsPart(file, look), comparable: () => undefined };
}

/** Its tags, where nothing of the resource is written back. */
export function tagFacts(look: Look): DocumentPart<Lightsail> {
  return {
    file: 'tags.json',
    async read(scene, address, known) {
      const { tags } = (known as Listed | undefined) ?? (await look(scene, address));
      return Object.keys(tags).length === 0 ? undefined : tags;
    },
  };
}
