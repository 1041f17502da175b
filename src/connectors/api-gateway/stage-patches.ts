import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import type { Facts } from '../documents/said.ts';
import { escaped, patchesOf } from './patches.ts';

/** Where the settings of methods are patched: `/{path}/{verb}/…`. */
const methodPaths = {
  metricsEnabled: 'metrics/enabled',
  loggingLevel: 'logging/loglevel',
  dataTraceEnabled: 'logging/dataTrace',
  throttlingBurstLimit: 'throttling/burstLimit',
  throttlingRateLimit: 'throttling/rateLimit',
  cachingEnabled: 'caching/enabled',
  cacheTtlInSeconds: 'caching/ttlInSeconds',
  cacheDataEncrypted: 'caching/dataEncrypted',
  requireAuthorizationForCacheControl: 'caching/requireAuthorizationForCacheControl',
  unauthorizedCacheControlHeaderStrategy: 'caching/unauthorizedCacheControlHeaderStrategy',
} as const;

/** The patches that make a stage so. */
export function stagePatches(wanted: Facts, live: Facts): PatchOperation[] {
  return [
    ...patchesOf(wanted, live, {
      description: '/description',
      cacheClusterEnabled: '/cacheClusterEnabled',
      cacheClusterSize: '/cacheClusterSize',
      tracingEnabled: '/tracingEnabled',
    }),
    ...each(wanted['variables'], live['variables'], (name) => `/variables/${name}`),
    ...accessLogs(wanted['accessLogSettings'] as Facts | undefined, live['accessLogSettings'] as Facts | undefined),
    ...methods(
      (wanted['methodSettings'] ?? {}) as unknown as Methods,
      (live['methodSettings'] ?? {}) as unknown as Methods,
    ),
  ];
}

type Methods = Readonly<Record<string, Facts>>;

function each(wanted: unknown, live: unknown, path: (name: string) => string): PatchOperation[] {
  const [to, from] = [(wanted ?? {}) as Facts, (live ?? {}) as Facts];
  const names = Object.keys({ ...from, ...to });
  return patchesOf(to, from, Object.fromEntries(names.map((name) => [name, path(name)])));
}

function accessLogs(wanted: Facts | undefined, live: Facts | undefined): PatchOperation[] {
  if (wanted === undefined) return live === undefined ? [] : [{ op: 'remove', path: '/accessLogSettings' }];
  return each(wanted, live, (name) => `/accessLogSettings/${name}`);
}

function methods(wanted: Methods, live: Methods): PatchOperation[] {
  const gone = Object.keys(live).filter((method) => !(method in wanted));
  return [
    ...gone.map((method) => ({ op: 'remove' as const, path: `/${placeOf(method)}` })),
    ...Object.entries(wanted).flatMap(([method, settings]) => {
      const place = placeOf(method);
      const paths = Object.entries(methodPaths).map(([field, path]) => [field, `/${place}/${path}`] as const);
      return patchesOf(settings, live[method] ?? {}, Object.fromEntries(paths)).filter(({ op }) => op === 'replace');
    }),
  ];
}

/** A path with slashes in it stands before the verb as one step of the patch's path. */
function placeOf(method: string): string {
  const at = method.lastIndexOf('/');
  const path = method.slice(0, at);
  return `${path.includes('~1') ? path : escaped(path)}${method.slice(at)}`;
}
