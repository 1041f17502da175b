import type { Connector } from '../../src/connectors/contract.ts';
import type { PointKind, PointTags } from '../../src/connectors/points/contract.ts';
import { keepPoints } from '../../src/connectors/points/index.ts';
import { optionsWithPoints, type OptionsWithPoints } from '../../src/connectors/points/options.ts';
import { resourceTag, runTag } from '../../src/connectors/points/tags.ts';
import { HoldfastError } from '../../src/kernel/errors.ts';
import type { RecoveryPoint } from '../../src/kernel/recovery-point.ts';
import type { Clock } from '../../src/kernel/runtime.ts';
import { thingConnector, type ThingProvider } from './things.ts';

/** A provider that keeps recovery points of things: each takes its time, by the clock of the test. */
export interface PointProvider {
  /** `region/name` → point. */
  readonly held: Map<string, HeldPoint>;
  /** Every call, in order: `create us-east-1/holdfast-…`. */
  readonly calls: string[];
  /** How long a point takes, ms; Infinity: it never ends. */
  takes: number;
  /** Called before each call takes effect, and again after it; may throw. */
  onCall: (call: string, moment: 'before' | 'after') => void;
  /** Names (of resources) whose points fail. */
  readonly failing: Set<string>;
}

export interface HeldPoint {
  readonly startedAt: number;
  readonly readyAt: number;
  readonly tags: PointTags;
  readonly isBad: boolean;
}

interface Client {
  readonly region: string;
}

export function createPointProvider(takes = 60_000): PointProvider {
  return { held: new Map(), calls: [], takes, onCall: () => undefined, failing: new Set() };
}

/** Things with the option `points`. */
export function pointedThings(
  provider: ThingProvider,
  kept: PointProvider,
  clock: Pick<Clock, 'now'>,
  type = 'things',
): Connector<OptionsWithPoints> {
  const things = thingConnector(provider, type);
  const plain = { objects: true };
  return {
    ...things,
    options: optionsWithPoints,
    discover: (context) => things.discover({ ...context, options: plain }),
    capture: (context, resource, sink) => things.capture({ ...context, options: plain }, resource, sink),
    live: undefined as never,
    points: keepPoints<Client, OptionsWithPoints>({
      type,
      client: async ({ region }) => await Promise.resolve({ region }),
      kinds: [thingPoints(kept, clock)],
    }),
  };
}

function thingPoints(kept: PointProvider, clock: Pick<Clock, 'now'>): PointKind<Client> {
  function call<T>(operation: string, { region }: Client, name: string, effect: (key: string) => T): T {
    const said = `${operation} ${region}/${name}`;
    kept.calls.push(said);
    kept.onCall(said, 'before');
    const result = effect(`${region}/${name}`);
    kept.onCall(said, 'after');
    return result;
  }
  function read(region: string, name: string, held: HeldPoint): RecoveryPoint {
    const now = clock.now();
    const isReady = now >= held.readyAt;
    const run = held.tags[runTag];
    return {
      kind: 'thing-point',
      id: `point:${region}:${name}`,
      name,
      region,
      state: isReady ? (held.isBad ? 'failed' : 'available') : 'pending',
      startedAt: held.startedAt,
      at: held.startedAt,
      ...(isReady ? { completedAt: held.readyAt } : { percent: percentOf(now, held) }),
      ...(isReady && held.isBad ? { reason: 'the disk broke' } : {}),
      ...(run === undefined ? {} : { run }),
    };
  }
  function make(key: string, tags: PointTags, isBad: boolean): void {
    if (kept.held.has(key)) throw new HoldfastError('item.conflict', `${key} is there already`);
    const startedAt = clock.now();
    kept.held.set(key, { startedAt, readyAt: startedAt + kept.takes, tags, isBad });
  }
  return {
    kind: 'thing-point',
    of: '',
    find: async (client, name) =>
      await settled(() =>
        call('find', client, name, (key) => {
          const held = kept.held.get(key);
          return held && read(client.region, name, held);
        }),
      ),
    create: async (client, source, { name, tags }) =>
      await settled(() => call('create', client, name, (key) => make(key, tags, kept.failing.has(source.name)))),
    copy: async (client, _original, { name, tags }) =>
      await settled(() => call('copy', client, name, (key) => make(key, tags, false))),
    async *list({ region }, { id }) {
      await Promise.resolve();
      for (const [key, held] of kept.held)
        if (key.startsWith(`${region}/`) && held.tags[resourceTag] === id)
          yield read(region, key.slice(region.length + 1), held);
    },
    remove: async (client, name) => await settled(() => call('remove', client, name, (key) => kept.held.delete(key))),
  };
}

function percentOf(now: number, { startedAt, readyAt }: HeldPoint): number {
  return Number.isFinite(readyAt) ? Math.floor(((now - startedAt) / (readyAt - startedAt)) * 100) : 0;
}

/** What is thrown comes as a rejection, as of a call over a network. */
async function settled<T>(work: () => T): Promise<T> {
  await Promise.resolve();
  return work();
}
