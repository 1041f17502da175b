import { describe, expect, inject, it } from 'vitest';
import { captureAll, conformanceContext, discoverAll } from './conformance/capture.ts';
import { denialsOf } from './conformance/denied.ts';
import { noteCell } from './conformance/matrix.ts';
import type { MemoryResource } from './conformance-memory.ts';
import type { Connector, ConnectorContext, RestoreContext } from './contract.ts';
import { displayBytes } from '../kernel/bytes.ts';
import type { Json } from '../kernel/json.ts';

export { captureAll, conformanceContext, discoverAll, type ConformanceRun } from './conformance/capture.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether each call of a capture is denied in turn (vitest.config.ts). */
    readonly denied: boolean;
  }
}

/** What a connector's test hands to the suite. `seed` and `damage` act through the SDK or the file system directly. */
export interface ConformanceSetup<Options> {
  readonly connector: Connector<Options>;
  readonly options: Options;
  readonly region: string;
  /** How many resources discovery finds at least; default 2. One for connectors whose source is one resource. */
  readonly leastResources?: number;
  /** Creates at least two resources, one of them with every kind of sub-resource. Called once, before everything. */
  seed(): Promise<void>;
  /** Reads the seeded resources by an independent path; volatile facts left out. */
  readBack?(region: string): Promise<unknown>;
  /** Deletes or changes something in every seeded resource, so that restore has work. Only for `live` connectors. */
  damage?(): Promise<void>;
  /**
   * Another region in which everything can be restored beside the original. `readBack` is then asked for that region too, and
   * must say the same there, apart from the region's name and what the restore announced as new identities.
   */
  readonly otherRegion?: string;
  /** What stands there for identities that no restore of this connector makes: networks. Old → there. */
  standIns?(otherRegion: string): Promise<readonly (readonly [from: string, to: string])[]>;
  /** What `readBack` says holds identities that a restore in the same place changes: generated ids. */
  readonly newIdentities?: boolean;
  /** Calls a capture may make for each resource, listings included. */
  readonly callsPerResource?: number;
  /** Who answers: `moto 5.2.3`; a stand-in of ours is named as ours. */
  readonly servedBy?: string;
  /** What that cannot show, for docs/connectors.md. */
  readonly unverified?: readonly string[];
}

/**
 * Plans and applies a restore of every captured resource, ranks and phases in their order; returns the number of actions.
 * New identities are added to those given.
 */
export async function restoreAll<O>(
  connector: Connector<O>,
  context: RestoreContext<O>,
  captured: ReadonlyMap<string, MemoryResource>,
  identities: Map<string, string> = new Map(),
): Promise<number> {
  const { live } = connector;
  if (!live) throw new Error(`${connector.type} does not restore live`);
  const rankOf = (resource: MemoryResource): number => live.rank?.(resource.captured.ref) ?? 0;
  const later: Record<'settle' | 'enable', (() => Promise<void>)[]> = { settle: [], enable: [] };
  let actions = 0;
  for (const resource of returning(connector, captured).sort((a, b) => rankOf(a) - rankOf(b))) {
    const done = new Set<string>();
    for (const action of await live.plan(context, resource.captured)) {
      for (const before of action.dependsOn)
        if (!done.has(before)) throw new Error(`${action.id} is planned before ${before}`);
      const perform = async (): Promise<void> => {
        const outcome = await live.apply(context, action, resource.captured);
        expect(outcome.failures ?? []).toEqual([]);
        for (const { from, to } of outcome.identities ?? []) identities.set(from, to);
      };
      if (action.phase) later[action.phase].push(perform);
      else await perform();
      done.add(action.id);
      actions++;
    }
  }
  for (const perform of [...later.settle, ...later.enable]) await perform();
  return actions;
}

function returning<O>({ live }: Connector<O>, captured: ReadonlyMap<string, MemoryResource>): MemoryResource[] {
  return [...captured.values()].filter(
    (one) => live?.directoryOnly?.(one.captured.ref, one.captured.points) === undefined,
  );
}

/** Everything captured, as drift compares it. */
async function comparables<O>(connector: Connector<O>, context: ConnectorContext<O>): Promise<Record<string, Json>> {
  const found: Record<string, Json> = {};
  for (const [name, { captured }] of await captureAll(connector, context))
    for (const collection of captured.collections)
      for await (const { key, kind, attributes } of captured.entries(collection)) {
        const place = { collection, key: displayBytes(key) };
        const compare = (part: 'content' | 'attributes', value: Json): Json =>
          connector.comparable?.({ ...place, part }, value) ?? value;
        const content = kind === 'document' ? await captured.json(collection, place.key) : undefined;
        found[`${name}/${collection}/${place.key}`] = [
          compare('attributes', attributes),
          content === undefined ? null : compare('content', content),
        ];
      }
  return found;
}

/** The suite every connector passes. */
export function describeConnector<Options>(name: string, setup: () => Promise<ConformanceSetup<Options>>): void {
  describe(`${name}: connector conformance`, () => {
    let ready: Promise<ConformanceSetup<Options>> | undefined;
    async function start(): Promise<ConformanceSetup<Options>> {
      ready ??= setup().then(async (made) => {
        await made.seed();
        return made;
      });
      return await ready;
    }

    it('discovers what was seeded, with unique names and usable references', async () => {
      const { connector, options, region, leastResources } = await start();
      const { context } = conformanceContext(options, region, connector.scope);
      const found = await discoverAll(connector, context);
      expect(found.length).toBeGreaterThanOrEqual(leastResources ?? 2);
      expect(new Set(found.map((r) => r.ref.name)).size).toBe(found.length);
      for (const { ref } of found) {
        expect(ref.type).toBe(connector.type);
        expect(ref.id).not.toBe('');
        expect(ref.name).not.toMatch(/(^|\/)\.\.?(\/|$)/);
      }
    }, 60_000);

    it('captures without failures, twice the same, and reuses by fingerprint', async ({ task }) => {
      const made = await start();
      const { connector, options, region } = made;
      const { context } = conformanceContext(options, region, connector.scope);
      const first = await captureAll(connector, context);
      const second = await captureAll(connector, context, first);
      for (const [key, resource] of first) {
        expect(resource.failures.map((f) => f.message)).toEqual([]);
        expect(resource.dump().length).toBeGreaterThan(0);
        expect(second.get(key)?.dump()).toEqual(resource.dump());
      }
      const loads = [...second.values()].reduce((sum, r) => sum + r.loadedAgain, 0);
      expect(loads).toBe(0);
      noteCell(task, made, 'capture');
      const notes = [...first.values()].flatMap(({ captured }) => captured.ledger);
      const what = [...new Set(notes.map((note) => `${note.what} (${note.class})`))].sort();
      noteCell(
        task,
        made,
        'ledger',
        what.length === 0 ? { instead: 'nothing of it is lost' } : { value: what.join('; ') },
      );
    }, 120_000);

    it('declares every call it makes', async () => {
      const { connector, options, region } = await start();
      const { context, calls } = conformanceContext(options, region, connector.scope);
      await captureAll(connector, context);
      const declared = new Set(connector.calls.capture.map((c) => `${c.api}:${c.operation}`));
      const made = new Set(calls.map((c) => `${c.api}:${c.operation}`));
      expect([...made].filter((c) => !declared.has(c))).toEqual([]);
    }, 60_000);

    it('asks no more often than it says', async ({ task }) => {
      const made = await start();
      const { connector, options, region, callsPerResource } = made;
      if (callsPerResource === undefined) return;
      const { context, calls } = conformanceContext(options, region, connector.scope);
      const captured = await captureAll(connector, context);
      expect(calls.length).toBeLessThanOrEqual(captured.size * callsPerResource);
      noteCell(task, made, 'calls', { value: (calls.length / captured.size).toFixed(1) });
    }, 60_000);

    // Many captures, one for each call: `npm run docs:connectors` asks for them.
    if (inject('denied'))
      it('loses to a denied call what that call reads, names it, and loses nothing else', async ({ task }) => {
        const made = await start();
        const { connector, options, region } = made;
        const denials = await denialsOf(connector, options, region);
        expect(denials.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
        const none = { instead: connector.scope === 'local' ? 'no calls of AWS' : 'no calls' };
        noteCell(task, made, 'denied', denials.length === 0 ? none : { value: `${denials.length} calls` });
      }, 300_000);

    it('plans nothing for what did not change, restores what was damaged, and again plans nothing', async ({
      task,
    }) => {
      const made = await start();
      const { connector, options, region } = made;
      if (!connector.live) {
        for (const cell of ['restore', 'other region', 'drift'] as const)
          noteCell(task, made, cell, { instead: 'to a directory only' });
        return;
      }
      const { context, calls, identities } = conformanceContext(options, region, connector.scope);
      const captured = await captureAll(connector, context);
      const before = await made.readBack?.(region);
      const compared = await comparables(connector, context);
      for (const r of returning(connector, captured))
        expect((await connector.live.plan(context, r.captured)).map((a) => a.id)).toEqual([]);
      await made.damage?.();
      if (made.readBack) expect(await made.readBack(region)).not.toEqual(before);
      expect(await comparables(connector, context)).not.toEqual(compared);
      noteCell(task, made, 'drift');
      calls.splice(0, calls.length);
      expect(await restoreAll(connector, context, captured, identities)).toBeGreaterThan(0);
      const declared = new Set(
        [...connector.calls.capture, ...connector.calls.restore].map((c) => `${c.api}:${c.operation}`),
      );
      expect([...new Set(calls.map((c) => `${c.api}:${c.operation}`))].filter((c) => !declared.has(c))).toEqual([]);
      const expected = made.newIdentities ? announced(before, identities) : before;
      if (made.readBack) expect(await made.readBack(region)).toEqual(expected);
      expect(await restoreAll(connector, context, captured, identities)).toBe(0);
      noteCell(task, made, 'restore');
    }, 120_000);

    it('returns in another region beside the original', async ({ task }) => {
      const made = await start();
      const { connector, options, region, otherRegion, readBack } = made;
      if (!connector.live) return;
      if (otherRegion === undefined || !readBack) {
        const instead = { regional: 'not tried', global: 'has no regions', local: 'has no regions' }[connector.scope];
        noteCell(task, made, 'other region', { instead });
        return;
      }
      const captured = await captureAll(connector, conformanceContext(options, region, connector.scope).context);
      const before = await readBack(region);
      const there = conformanceContext(options, otherRegion, connector.scope, region);
      for (const [from, to] of (await made.standIns?.(otherRegion)) ?? []) there.identities.set(from, to);
      expect(await restoreAll(connector, there.context, captured, there.identities)).toBeGreaterThan(0);
      expect(announced(await readBack(otherRegion), new Map())).toEqual(
        announced(before, there.identities, region, otherRegion),
      );
      expect(await readBack(region)).toEqual(before);
      expect(await restoreAll(connector, there.context, captured, there.identities)).toBe(0);
      noteCell(task, made, 'other region');
    }, 120_000);
  });
}

/** What was there before, with the identities that the restore said it changed, in the other region. */
function announced(before: unknown, identities: ReadonlyMap<string, string>, from = '', to = ''): unknown {
  if (before === undefined) return undefined;
  let text = JSON.stringify(before);
  for (const [old, now] of [...identities].sort(([a], [b]) => b.length - a.length)) text = text.replaceAll(old, now);
  const told = JSON.parse(from === '' ? text : text.replaceAll(from, to)) as unknown;
  // Texts are in the order of what they hold, which other identities change.
  return Array.isArray(told) && told.every((one) => typeof one === 'string') ? told.sort() : told;
}
