import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createLimiter, type Limiter } from '../../kernel/concurrency.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { isThrottle } from './classify.ts';
import type { AwsAccess, AwsCallRecord, ClientConstructor, OpenSmallObjects, SmallObjects } from './contract.ts';
import { createRateLimiter, type RateLimiter } from './rate.ts';

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
}

interface Shared {
  readonly settings: AwsAccessSettings;
  readonly limiter: Limiter;
  readonly rates: Map<string, RateLimiter>;
  readonly clients: Map<string, unknown>;
  readonly smallObjects: Map<string, ReturnType<OpenSmallObjects>>;
  readonly handler: NodeHttpHandler;
}

/** The one place where AWS clients are made. Endpoints come from the SDK's own AWS_ENDPOINT_URL[_SERVICE] settings. */
export function createAwsAccess(settings: AwsAccessSettings): AwsAccess & { close(): void } {
  const sockets = Math.max(settings.concurrency + 8, 50);
  const shared: Shared = {
    settings,
    limiter: createLimiter(settings.concurrency),
    rates: new Map(),
    clients: new Map(),
    smallObjects: new Map(),
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
      for (const objects of shared.smallObjects.values()) objects.close();
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
      return { get: async (request) => await inTurn(shared, region, 's3', 'GetObject', () => get(request)) };
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
    async (args: unknown): Promise<unknown> =>
      await inTurn(shared, region, api, (context.commandName ?? 'Unknown').replace(/Command$/, ''), () => next(args));
}

/** One attempt: it waits for its turn, slows the next ones when it is throttled, and is recorded. */
async function inTurn<T>(
  shared: Shared,
  region: string,
  api: string,
  operation: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const { account, runtime, onCall, signal } = shared.settings;
  const rate = rateOf(shared, region, api);
  await rate.acquire(signal);
  return await shared.limiter.run(async () => {
    signal?.throwIfAborted();
    const startedAt = runtime.clock.now();
    let outcome: AwsCallRecord['outcome'] = 'ok';
    try {
      const result = await attempt();
      rate.succeeded();
      return result;
    } catch (error) {
      outcome = isThrottle(error) ? 'throttled' : 'failed';
      if (outcome === 'throttled') rate.throttled();
      throw error;
    } finally {
      onCall?.({ api, operation, region, account, ms: runtime.clock.now() - startedAt, outcome });
    }
  });
}

function rateOf(shared: Shared, region: string, api: string): RateLimiter {
  const key = `${region}/${api}`;
  let rate = shared.rates.get(key);
  if (!rate) {
    rate = createRateLimiter(api, shared.settings.runtime.clock);
    shared.rates.set(key, rate);
  }
  return rate;
}

/** Where IAM calls a service otherwise than the SDK does. */
const iamNames: Readonly<Record<string, string>> = {
  apigatewayv2: 'apigateway',
  applicationautoscaling: 'application-autoscaling',
  cloudcontrol: 'cloudformation',
  cognitoidentityprovider: 'cognito-idp',
  configservice: 'config',
  efs: 'elasticfilesystem',
  eventbridge: 'events',
  resourceexplorer2: 'resource-explorer-2',
  resourcegroupstaggingapi: 'tag',
  s3control: 's3',
  sesv2: 'ses',
  sfn: 'states',
};

/** `S3Client` → `s3`: the name used in IAM actions and rate limits. */
function apiName(constructorName: string): string {
  const name = constructorName.replace(/Client$/, '').toLowerCase();
  return iamNames[name] ?? name;
}
