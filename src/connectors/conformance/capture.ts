import { createAwsAccess } from '../aws/access.ts';
import type { AwsCallRecord } from '../aws/contract.ts';
import { createMemorySnapshot, type MemoryResource } from '../conformance-memory.ts';
import type { Connector, ConnectorContext, DiscoveredResource, RestoreContext } from '../contract.ts';
import { rewriteJson } from '../rewrite.ts';
import { noEvents } from '../../kernel/events.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import { sharedSignal } from '../../kernel/signals.ts';

export interface ConformanceRun<Options> {
  readonly context: RestoreContext<Options>;
  readonly calls: AwsCallRecord[];
  /** Old identity → new, of what was restored. */
  readonly identities: Map<string, string>;
}

/** A context against the endpoints of the environment, with a record of calls. `from`: where what it restores was captured. */
export function conformanceContext<Options>(
  options: Options,
  region: string,
  connectorScope: string,
  from: string = region,
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
    signal: sharedSignal(new AbortController().signal),
    mode: 'exact',
    rename: (name) => name,
    identity: (old) => identities.get(old) ?? old,
    learn: (old, now) => void identities.set(old, now),
    rewrite: (document) =>
      rewriteJson(document, {
        get: (old) => identities.get(old),
        move: (arn) => arn.replace(`:${from}:`, `:${region}:`),
        region: (name) => (name === from ? region : name),
      }),
  };
  return { context, calls, identities };
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
    if (resource.refused) continue;
    const snapshot = createMemorySnapshot(resource.ref, previous?.get(resource.ref.name));
    await connector.capture(context, resource, snapshot.sink);
    captured.set(resource.ref.name, await snapshot.finish());
  }
  return captured;
}
