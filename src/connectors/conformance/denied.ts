import type { AwsAccess } from '../aws/contract.ts';
import { createAwsAccess } from '../aws/access.ts';
import { createMemorySnapshot, type MemoryResource } from '../conformance-memory.ts';
import type { Connector, ConnectorContext } from '../contract.ts';
import { isItemError, type HoldfastError } from '../../kernel/errors.ts';
import { systemRuntime, type Runtime } from '../../kernel/runtime.ts';
import { conformanceContext } from './capture.ts';

/** What denying one call did; `wrong` says in words what should not have happened. */
export interface Denial {
  readonly operation: string;
  readonly wrong: readonly string[];
}

interface Captured {
  readonly resources: ReadonlyMap<string, MemoryResource>;
  /** Refusals of the listing: of all of it (''), or of names that begin so. */
  readonly refused: ReadonlyMap<string, HoldfastError>;
}

/**
 * Captures once as it is, and then once for each call that this made, with that call denied as AWS denies it (HTTP 403). What is
 * lost must be lost by a failure that names the call, in the resource that lost it or for the part of the listing that would
 * have found it; every other resource is captured as before. A call that can be made up for by others loses nothing.
 */
export async function denialsOf<Options>(
  connector: Connector<Options>,
  options: Options,
  region: string,
): Promise<Denial[]> {
  if (connector.scope === 'local') return [];
  const { context } = conformanceContext(options, region, connector.scope);
  const made = new Set<string>();
  const whole = await captured(connector, { ...context, aws: hasty(region, (operation) => made.add(operation)) });
  const denials: Denial[] = [];
  for (const operation of [...made].sort()) {
    const aws = denying(
      hasty(region, () => undefined),
      operation,
    );
    denials.push({ operation, wrong: compared(whole, await captured(connector, { ...context, aws }), operation) });
  }
  return denials;
}

/** Access whose rates do not hold anything back: the emulators have no quotas. */
function hasty(region: string, onOperation: (operation: string) => unknown): AwsAccess {
  let now = systemRuntime.clock.now();
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
    await Promise.resolve();
  };
  const runtime: Runtime = { ...systemRuntime, clock: { ...systemRuntime.clock, now: () => now, sleep } };
  const onCall = ({ operation }: { readonly operation: string }): void => void onOperation(operation);
  return createAwsAccess({ account: '123456789012', region, runtime, concurrency: 16, onCall });
}

interface Stack {
  add(middleware: unknown, options: Readonly<Record<string, unknown>>): void;
}

function denying(aws: AwsAccess, operation: string): AwsAccess {
  const deny =
    (next: (args: unknown) => Promise<unknown>, { commandName }: { readonly commandName?: string }) =>
    async (args: unknown): Promise<unknown> => {
      if (commandName !== `${operation}Command`) return await next(args);
      const denied = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } };
      throw Object.assign(new Error(`not authorized to perform ${operation}`), denied);
    };
  return {
    ...aws,
    inRegion: (other) => denying(aws.inRegion(other), operation),
    client: (constructor, settings) => {
      const client = aws.client(constructor, settings);
      const { middlewareStack } = client as unknown as { readonly middlewareStack: Stack };
      middlewareStack.add(deny, { step: 'initialize', name: 'denied', override: true });
      return client;
    },
  };
}

async function captured<Options>(connector: Connector<Options>, context: ConnectorContext<Options>): Promise<Captured> {
  const resources = new Map<string, MemoryResource>();
  const refused = new Map<string, HoldfastError>();
  try {
    for await (const resource of connector.discover(context)) {
      if (resource.refused) {
        refused.set(resource.ref.name, resource.refused);
        continue;
      }
      const snapshot = createMemorySnapshot(resource.ref);
      try {
        await connector.capture(context, resource, snapshot.sink);
      } catch (error) {
        if (!isItemError(error)) throw error;
        snapshot.sink.fail(error);
      }
      resources.set(resource.ref.name, await snapshot.finish());
    }
  } catch (error) {
    if (!isItemError(error)) throw error;
    refused.set('', error);
  }
  return { resources, refused };
}

function compared(before: Captured, after: Captured, operation: string): string[] {
  const wrong: string[] = [];
  const names = (error: HoldfastError): boolean => error.code === 'item.denied' && error.message.includes(operation);
  const prefixes = [...after.refused].flatMap(([prefix, error]) => (names(error) ? [prefix] : []));
  for (const [prefix, error] of after.refused)
    if (!names(error)) wrong.push(`the listing of ${prefix}* failed without naming the call: ${error.message}`);
  for (const [name, was] of before.resources) {
    const is = after.resources.get(name);
    if (!is) {
      if (!prefixes.some((prefix) => name.startsWith(prefix))) wrong.push(`${name} was not found`);
      continue;
    }
    if (is.failures.length === 0) {
      const lost = difference(was.dump(), is.dump());
      if (lost.length > 0) wrong.push(`${name} differs without a failure: ${lost.slice(0, 3).join(' ')}`);
    } else if (!is.failures.some(names)) wrong.push(`${name} failed otherwise: ${is.failures[0]?.message}`);
  }
  return wrong;
}

function difference(before: readonly string[], after: readonly string[]): string[] {
  const there = new Set(after);
  return before.filter((line) => !there.has(line)).map((line) => line.slice(0, 160));
}
