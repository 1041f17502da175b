import { z } from 'zod';
import { call, type Connector, type PlannedAction } from '../../src/connectors/contract.ts';
import { asBuffer, compareBytes, utf8 } from '../../src/kernel/bytes.ts';
import { HoldfastError } from '../../src/kernel/errors.ts';
import type { Json } from '../../src/kernel/json.ts';

/** A provider held in memory: things with a configuration, objects, rows and a secret. For tests of the verbs. */
export interface Thing {
  config: Record<string, Json>;
  readonly objects: Map<string, string>;
  readonly rows: Map<string, Json>;
  readonly deleted: Set<string>;
  secret?: string;
  readonly tags: Record<string, string>;
  readonly expectedFailure?: 'config' | 'capture';
}

export interface ThingProvider {
  /** region → name → thing */
  readonly regions: Map<string, Map<string, Thing>>;
  /** Regions whose listing is denied. */
  readonly denied: Set<string>;
  /** Called before each object is loaded; may throw, wait or abort. */
  onLoad: (name: string, key: string) => Promise<void> | void;
  /** Called before each action; may throw. */
  onApply: (action: PlannedAction) => Promise<void> | void;
  loads: number;
}

export function createProvider(): ThingProvider {
  return { regions: new Map(), denied: new Set(), onLoad: () => undefined, onApply: () => undefined, loads: 0 };
}

export function addThing(provider: ThingProvider, region: string, name: string, made: Partial<Thing> = {}): Thing {
  const thing: Thing = {
    config: { kind: 'thing', size: 1 },
    objects: new Map([
      ['a.txt', `a of ${name}`],
      ['deep/b.txt', `b of ${name}`],
    ]),
    rows: new Map<string, Json>([
      ['1', { id: 1 }],
      ['2', { id: 2 }],
    ]),
    deleted: new Set(),
    tags: {},
    ...made,
  };
  const things = provider.regions.get(region) ?? new Map<string, Thing>();
  provider.regions.set(region, things);
  things.set(name, thing);
  return thing;
}

const options = z.strictObject({ objects: z.boolean().default(true) });
type Options = z.output<typeof options>;

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => compareBytes(utf8(a), utf8(b)));
}

/** A regional connector over the provider, with live restore. */
export function thingConnector(
  provider: ThingProvider,
  type = 'things',
  dependsOn: readonly string[] = [],
): Connector<Options> {
  const at = (region: string): Map<string, Thing> => provider.regions.get(region) ?? new Map<string, Thing>();
  return {
    type,
    title: 'Things',
    scope: 'regional',
    dependsOn,
    calls: { capture: [call('things', 'List')], restore: [] },
    options,
    async *discover({ aws }) {
      await Promise.resolve();
      if (provider.denied.has(aws.region))
        throw new HoldfastError('item.denied', `List of ${type} was denied`, { resource: type });
      for (const [name, thing] of sorted(at(aws.region))) {
        yield {
          ref: { type, name, id: `thing:${aws.region}:${name}`, region: aws.region, account: aws.account },
          tags: thing.tags,
        };
      }
    },
    async capture({ aws, signal, options: { objects } }, { ref }, sink) {
      const thing = at(aws.region).get(ref.name);
      if (!thing || thing.expectedFailure === 'capture')
        throw new HoldfastError('item.not-found', `${ref.name} is gone`, { resource: ref.name });
      if (thing.expectedFailure === 'config')
        sink.fail(new HoldfastError('item.denied', `config of ${ref.name} was denied`), {
          collection: '',
          key: 'config.json',
        });
      else await sink.root.add({ key: 'config.json', kind: 'document', document: thing.config });
      if (thing.secret !== undefined)
        await sink.root.add({ key: 'secret.json', kind: 'document', document: thing.secret, secret: true });
      const rows = sink.collection('items');
      for (const [key, row] of sorted(thing.rows)) await rows.add({ key, kind: 'row', document: row });
      if (!objects) return;
      const all = sink.collection('objects');
      const deleted = [...thing.deleted].map((key) => [key, undefined] as const);
      for (const [key, content] of sorted(new Map<string, string | undefined>([...thing.objects, ...deleted]))) {
        signal.throwIfAborted();
        if (content === undefined) await all.add({ key, kind: 'marker', attributes: { deleteMarker: true } });
        else
          await all.add({
            key,
            kind: 'blob',
            fingerprint: content,
            attributes: { etag: `"${content.length}"` },
            load: async () => {
              provider.loads++;
              await provider.onLoad(ref.name, key);
              return { content: utf8(content) };
            },
          });
      }
      sink.note({
        class: 'new-identity',
        what: 'the birthday',
        why: 'nobody can be born again',
        action: 'write it down',
      });
    },
    live: {
      async plan(context, captured) {
        const { aws, mode, only } = context;
        const name = context.rename(captured.ref.name);
        const target = at(aws.region).get(name);
        const actions: PlannedAction[] = [];
        const action = (
          operation: string,
          effect: PlannedAction['effect'],
          input: Json,
          after: readonly string[],
          items = 1,
        ): void => {
          actions.push({
            id: `${type}/${captured.ref.name}/${operation}`,
            resource: captured.ref,
            operation,
            title: `${operation} ${name} in ${aws.region}`,
            effect,
            dependsOn: after,
            input,
            items,
          });
        };
        const create = `${type}/${captured.ref.name}/create`;
        if (!target) action('create', 'create', { name }, []);
        const keys: string[] = [];
        const live = target?.objects;
        const range = only ? { prefix: only.prefix } : {};
        for await (const entry of captured.entries('objects', range)) {
          if (entry.kind !== 'blob') continue;
          const key = asBuffer(entry.key).toString();
          const is = live?.get(key);
          if (
            is === undefined ||
            (mode !== 'create-missing' && is !== asBuffer(await captured.bytes(entry)).toString())
          )
            keys.push(key);
        }
        if (keys.length > 0)
          action('put', target ? 'update' : 'create', { name, keys }, target ? [] : [create], keys.length);
        return actions;
      },
      async apply({ aws }, action, captured) {
        await provider.onApply(action);
        const { name, keys = [] } = action.input as { name: string; keys?: readonly string[] };
        if (action.operation === 'create') {
          const config = (await captured.json('', 'config.json')) as Record<string, Json>;
          addThing(provider, aws.region, name, { config, objects: new Map(), rows: new Map() });
          return {
            result: 'done',
            class: 'new-identity',
            note: 'it has a new birthday',
            identities: [{ from: captured.ref.id, to: `thing:${aws.region}:${name}:2` }],
          };
        }
        const target = at(aws.region).get(name);
        if (!target) throw new HoldfastError('item.not-found', `${name} is not there`, { resource: name });
        for (const key of keys) {
          const entry = await captured.entry('objects', key);
          if (entry) target.objects.set(key, asBuffer(await captured.bytes(entry)).toString());
        }
        return { result: 'done', class: 'exact', items: keys.length };
      },
    },
  };
}
