import { describe, expect, it } from 'vitest';
import { createAwsAccess } from './aws/access.ts';
import type { AwsCallRecord } from './aws/contract.ts';
import { createMemorySnapshot, type MemoryResource } from './conformance-memory.ts';
import type { Connector, ConnectorContext, DiscoveredResource, RestoreContext } from './contract.ts';
import { noEvents } from '../kernel/events.ts';
import { systemRuntime } from '../kernel/runtime.ts';

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
  readBack?(): Promise<unknown>;
  /** Deletes or changes something in every seeded resource, so that restore has work. Only for `live` connectors. */
  damage?(): Promise<void>;
}

export interface ConformanceRun<Options> {
  readonly context: RestoreContext<Options>;
  readonly calls: AwsCallRecord[];
}

/** A context against the endpoints of the environment, with a record of calls. */
export function conformanceContext<Options>(
  options: Options,
  region: string,
  connectorScope: string,
): ConformanceRun<Options> {
  const calls: AwsCallRecord[] = [];
  const identities = new Map<string, string>();
  const aws =
    connectorScope === 'local'
      ? (undefined as never)
      : createAwsAccess({
          account: '123456789012',
          region,
          runtime: systemRuntime,
          concurrency: 16,
          onCall: (c) => calls.push(c),
        });
  const context: RestoreContext<Options> = {
    options,
    aws,
    runtime: systemRuntime,
    events: noEvents,
    signal: new AbortController().signal,
    mode: 'exact',
    rename: (name) => name,
    identity: (old) => identities.get(old) ?? old,
  };
  return { context, calls };
}

export async function discoverAll<O>(
  connector: Connector<O>,
  context: ConnectorContext<O>,
): Promise<DiscoveredResource[]> {
  const found: DiscoveredResource[] = [];
  for await (const resource of connector.discover(context)) found.push(resource);
  return found;
}

export async function captureAll<O>(
  connector: Connector<O>,
  context: ConnectorContext<O>,
  previous?: ReadonlyMap<string, MemoryResource>,
): Promise<Map<string, MemoryResource>> {
  const captured = new Map<string, MemoryResource>();
  for (const resource of await discoverAll(connector, context)) {
    const snapshot = createMemorySnapshot(resource.ref, previous?.get(resource.ref.name));
    await connector.capture(context, resource, snapshot.sink);
    captured.set(resource.ref.name, await snapshot.finish());
  }
  return captured;
}

/** Plans and applies a restore of every captured resource; returns the number of actions. */
export async function restoreAll<O>(
  connector: Connector<O>,
  context: RestoreContext<O>,
  captured: ReadonlyMap<string, MemoryResource>,
): Promise<number> {
  if (!connector.live) throw new Error(`${connector.type} does not restore live`);
  let actions = 0;
  for (const resource of captured.values()) {
    const done = new Set<string>();
    for (const action of await connector.live.plan(context, resource.captured)) {
      for (const before of action.dependsOn)
        if (!done.has(before)) throw new Error(`${action.id} is planned before ${before}`);
      const outcome = await connector.live.apply(context, action, resource.captured);
      expect(outcome.failures ?? []).toEqual([]);
      done.add(action.id);
      actions++;
    }
  }
  return actions;
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

    it('captures without failures, twice the same, and reuses by fingerprint', async () => {
      const { connector, options, region } = await start();
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
    }, 120_000);

    it('declares every call it makes', async () => {
      const { connector, options, region } = await start();
      const { context, calls } = conformanceContext(options, region, connector.scope);
      await captureAll(connector, context);
      const declared = new Set(connector.calls.capture.map((c) => `${c.api}:${c.operation}`));
      const made = new Set(calls.map((c) => `${c.api}:${c.operation}`));
      expect([...made].filter((c) => !declared.has(c))).toEqual([]);
    }, 60_000);

    it('plans nothing for what did not change, restores what was damaged, and again plans nothing', async () => {
      const made = await start();
      const { connector, options, region } = made;
      if (!connector.live) return;
      const { context, calls } = conformanceContext(options, region, connector.scope);
      const captured = await captureAll(connector, context);
      const before = await made.readBack?.();
      for (const r of captured.values())
        expect((await connector.live.plan(context, r.captured)).map((a) => a.id)).toEqual([]);
      await made.damage?.();
      if (made.readBack) expect(await made.readBack()).not.toEqual(before);
      calls.splice(0, calls.length);
      expect(await restoreAll(connector, context, captured)).toBeGreaterThan(0);
      if (made.readBack) expect(await made.readBack()).toEqual(before);
      const declared = new Set(
        [...connector.calls.capture, ...connector.calls.restore].map((c) => `${c.api}:${c.operation}`),
      );
      expect([...new Set(calls.map((c) => `${c.api}:${c.operation}`))].filter((c) => !declared.has(c))).toEqual([]);
      expect(await restoreAll(connector, context, captured)).toBe(0);
    }, 120_000);
  });
}
