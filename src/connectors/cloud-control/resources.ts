import { createHash } from 'node:crypto';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { LedgerNote } from '../../kernel/entry.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf } from '../documents/tags.ts';
import type { Clients } from './calls.ts';
import { idOf, nameOf, partsOf } from './identity.ts';
import type { Options } from './options.ts';
import { properties, readOnly, typeOf, type TypeDocument } from './parts.ts';
import { follow } from './requests.ts';

type ControlScene = Scene<Clients, Options>;

/** Types in turn. One that is refused costs itself. */
async function* listResources(scene: ControlScene): AsyncGenerator<Found> {
  for (const TypeName of scene.options.types)
    try {
      yield* listType(scene, TypeName);
    } catch (error) {
      if (!isItemError(error)) throw error;
      yield { name: `${TypeName}/`, id: TypeName, refused: error };
    }
}

async function* listType({ client }: ControlScene, TypeName: string): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.control.listResources({ TypeName, NextToken }), 'ListResources', `cloud-control/${TypeName}`);
  for await (const { ResourceDescriptions = [] } of pages(ask, (page) => page.NextToken))
    for (const { Identifier = '', Properties = '{}' } of ResourceDescriptions) {
      const tags = tagsIn(JSON.parse(Properties) as Record<string, Json>);
      yield { name: nameOf(TypeName, Identifier), id: idOf(TypeName, Identifier), tags };
    }
}

/** Of the forms that tags have; a listing may leave them out. */
function tagsIn({ Tags }: Record<string, Json>): Record<string, string> {
  if (Array.isArray(Tags)) return tagsOf(Tags as { readonly Key?: string; readonly Value?: string }[]);
  return typeof Tags === 'object' && Tags !== null ? (Tags as Record<string, string>) : {};
}

/** What was created in place of a generated identifier, by the clients of one account and region. */
const madeBy = new WeakMap<object, Map<string, string>>();

async function find({ client }: ControlScene, documents: Documents): Promise<string | undefined> {
  const { TypeName, Identifier: captured } = documents.get(typeOf.file) as unknown as TypeDocument;
  const Identifier = madeBy.get(client.control)?.get(idOf(TypeName, captured)) ?? captured;
  const asking = client.control.getResource({ TypeName, Identifier });
  const resource = `cloud-control/${nameOf(TypeName, Identifier)}`;
  const found = await optional(asking, 'GetResource', resource, 'ResourceNotFoundException');
  return found ? idOf(TypeName, found.ResourceDescription?.Identifier ?? Identifier) : undefined;
}

/**
 * A token made of what is created: an answer that was lost is asked for again, not done again. The API remembers a token for
 * 36 hours, even of what was deleted since: then the next one is tried.
 */
async function create(scene: ControlScene, name: string, documents: Documents): Promise<Created> {
  const { TypeName, Identifier } = documents.get(typeOf.file) as unknown as TypeDocument;
  const resource = `cloud-control/${name}`;
  const DesiredState = JSON.stringify(documents.get(properties.file) ?? {});
  const { control } = scene.client;
  for (const attempt of [1, 2, 3]) {
    const token = [attempt, scene.aws.account, scene.aws.region, TypeName, Identifier, DesiredState].join('\n');
    const ClientToken = createHash('sha256').update(token).digest('hex');
    const creating = control.createResource({ TypeName, DesiredState, ClientToken });
    const { ProgressEvent } = await required(creating, 'CreateResource', resource);
    const made = await follow(scene, ProgressEvent, resource);
    const there = control.getResource({ TypeName, Identifier: made.Identifier });
    if ((await optional(there, 'GetResource', resource, 'ResourceNotFoundException')) === undefined) continue;
    const all = madeBy.get(control) ?? new Map<string, string>();
    madeBy.set(control, all.set(idOf(TypeName, Identifier), made.Identifier ?? ''));
    return { id: idOf(TypeName, made.Identifier ?? '') };
  }
  throw new HoldfastError('item.changed', `${resource} was created, and is not there`, { resource });
}

function notes(documents: Documents): readonly LedgerNote[] {
  const { WriteOnly = [], Generated = false } = (documents.get(typeOf.file) ?? {}) as unknown as Partial<TypeDocument>;
  const found: LedgerNote[] = [];
  if (WriteOnly.length > 0)
    found.push({
      class: 'needs-human',
      what: `properties that are never returned: ${WriteOnly.join(', ')}`,
      why: 'The type takes them and does not tell them (writeOnlyProperties of its schema).',
      action: 'Keep their values in a vault or repository of your own, and set them after a restore.',
    });
  if (Generated)
    found.push({
      class: 'new-identity',
      what: 'identifier',
      why: 'The service generates it.',
      action: 'Nothing: what is restored in the same run is rewritten; look for it elsewhere.',
    });
  return found;
}

export const resources: DocumentKind<Clients, Options> = {
  kind: '',
  list: listResources,
  parts: [typeOf, properties, readOnly],
  live: {
    find: async (scene, _, documents) => await find(scene, documents),
    create,
    follows: (from, to) => [{ from: partsOf(from).Identifier, to: partsOf(to).Identifier }],
  },
  notes,
};
