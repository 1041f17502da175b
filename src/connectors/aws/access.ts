import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createLimiter } from '../../kernel/concurrency.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { apiName } from './api-name.ts';
import type {
  AwsAccess,
  AwsCallRecord,
  ClientConstructor,
  OpenJsonCalls,
  OpenSmallObjects,
  PacedCall,
  SmallObjects,
} from './contract.ts';
import { tableIn } from './lanes.ts';
import { inTurn, rateOf, type Paced } from './pacing.ts';

export interface AwsAccessSettings {
  readonly account: string;
  readonly region: string;
  readonly runtime: Runtime;
  /** Calls in flight, over all services, regions and accounts that share this access. */
  readonly concurrency: number;
  /** SDK credentials or provider; absent: the SDK's default chain. */
  readonly credentials?: unknown;
  /** Told of every finished attempt. */
  readonly onCall?: (record: AwsCallRecord) => void;
  readonly signal?: AbortSignal;
  readonly openSmallObjects?: OpenSmallObjects;
  readonly openJsonCalls?: OpenJsonCalls;
}

interface Shared {
  readonly settings: AwsAccessSettings;
  readonly paced: Paced;
  readonly clients: Map<string, unknown>;
  readonly smallObjects: Map<string, ReturnType<OpenSmallObjects>>;
  readonly jsonCalls: Map<object, ReturnType<OpenJsonCalls>>;
  readonly handler: NodeHttpHandler;
}

/** The one place where AWS clients are made. Endpoints come from the SDK's own AWS_ENDPOINT_URL[_SERVICE] settings. */
export function createAwsAccess(settings: AwsAccessSettings): AwsAccess & { close(): void } {
  const sockets = Math.max(settings.concurrency + 8, 50);
  const shared: Shared = {
    settings,
    paced: { ...settings, limiter: createLimiter(settings.concurrency), rates: new Map() },
    clients: new Map(),
    smallObjects: new Map(),
    jsonCalls: new Map(),
    handler: new NodeHttpHandler({
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: sockets }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: sockets }),
      connectionTimeout: 10_000,
      requestTimeout: 120_000,
    }),
  };
  return {
    ...scopedAccess(shared, settings.region),
    close() {
      shared.handler.destroy();
      for (const opened of [...shared.smallObjects.values(), ...shared.jsonCalls.values()]) opened.close();
    },
  };
}

function scopedAccess(shared: Shared, region: string): AwsAccess {
  return {
    account: shared.settings.account,
    region,
    inRegion: (other) => scopedAccess(shared, other),
    client: (constructor, extra = {}) => {
      const key = `${region}/${constructor.name}/${JSON.stringify(extra)}`;
      const known = shared.clients.get(key);
      if (known !== undefined) return known as never;
      const made = makeClient(shared, region, constructor, extra);
      shared.clients.set(key, made);
      return made;
    },
    ...smallObjectsOf(shared, region),
    ...jsonCallsOf(shared, region),
    heldBack: (call) => rateOf(shared.paced, region, call).throttled(),
  };
}

function smallObjectsOf(shared: Shared, region: string): Pick<AwsAccess, 'smallObjects'> {
  const { openSmallObjects: open, credentials, concurrency } = shared.settings;
  if (!open) return {};
  return {
    smallObjects(bucket): SmallObjects {
      const key = `${region}/${bucket}`;
      let objects = shared.smallObjects.get(key);
      if (!objects) {
        objects = open({
          bucket,
          region,
          connections: concurrency,
          ...(credentials === undefined ? {} : { credentials }),
        });
        shared.smallObjects.set(key, objects);
      }
      const { get } = objects;
      const call: PacedCall = { api: 's3', operation: 'GetObject' };
      return { get: async (request) => await inTurn(shared.paced, region, call, () => get(request)) };
    },
  };
}

function jsonCallsOf(shared: Shared, region: string): Pick<AwsAccess, 'jsonCalls'> {
  const { openJsonCalls: open, concurrency } = shared.settings;
  if (!open) return {};
  return {
    jsonCalls(client, shown) {
      let calls = shared.jsonCalls.get(client);
      if (!calls) {
        calls = open({ client, shown, connections: concurrency });
        shared.jsonCalls.set(client, calls);
      }
      const { call } = calls;
      const api = apiName(client.constructor.name);
      return { call: async (request) => await inTurn(shared.paced, region, { api, ...request }, () => call(request)) };
    },
  };
}

function nothing(): void {
  /* nobody reads a log of the SDK */
}

/** Without `info`: there the SDK walks every request and answer to leave out what is secret, even for a log that goes nowhere. */
const quiet = { trace: nothing, debug: nothing, warn: nothing, error: nothing };

interface MiddlewareStack {
  addRelativeTo(middleware: unknown, options: Readonly<Record<string, unknown>>): void;
}

function makeClient<Client>(
  shared: Shared,
  region: string,
  constructor: ClientConstructor<Client>,
  extra: object,
): Client {
  const client = new constructor({
    region,
    maxAttempts: 8,
    retryMode: 'standard',
    requestHandler: shared.handler,
    logger: quiet,
    ...(shared.settings.credentials === undefined ? {} : { credentials: shared.settings.credentials }),
    ...(constructor.name === 'S3Client'
      ? {
          forcePathStyle: true,
          followRegionRedirects: true,
          requestChecksumCalculation: 'WHEN_REQUIRED',
          responseChecksumValidation: 'WHEN_REQUIRED',
        }
      : {}),
    ...extra,
  } as never);
  const { middlewareStack } = client as unknown as { middlewareStack: MiddlewareStack };
  // After the retry middleware, so that each attempt waits its turn and each throttled attempt slows the next ones.
  middlewareStack.addRelativeTo(paced(shared, region, apiName(constructor.name)), {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    name: 'holdfastPacing',
    override: true,
  });
  return client;
}

function paced(shared: Shared, region: string, api: string) {
  return (next: (args: unknown) => Promise<unknown>, context: { readonly commandName?: string }) =>
    async (args: unknown): Promise<unknown> => {
      const operation = (context.commandName ?? 'Unknown').replace(/Command$/, '');
      const resource = tableIn(args);
      const call: PacedCall = { api, operation, ...(resource === undefined ? {} : { resource }) };
      return await inTurn(shared.paced, region, call, () => next(args));
    };
}
