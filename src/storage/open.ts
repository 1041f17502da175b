import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HoldfastError } from '../kernel/errors.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { ObjectStore } from './contract.ts';
import { withRetry, type RetrySettings } from './decorators/retry.ts';
import { openDirectoryStore } from './directory/index.ts';

export type StoreAddress =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string; readonly endpoint?: string };

export interface OpenStoreSettings {
  readonly runtime: Runtime;
  /** Relative paths are relative to this; default: the working directory. */
  readonly folder?: string;
  /** Creates a missing directory. Buckets are never created: how one is protected is the owner's decision. */
  readonly create?: boolean;
  readonly region?: string;
  /** SDK credentials or provider; absent: the SDK's default chain. */
  readonly credentials?: unknown;
  /** Of the retry around every call. */
  readonly retry?: Omit<RetrySettings, 'runtime'>;
}

/**
 * Opens the store behind an address, with retries around every call.
 * Throws config.invalid for an address that cannot be one, storage.bucket-missing when there is no such directory or
 * bucket, storage.denied, aws.credentials-missing and aws.credentials-expired when it may not be used.
 */
export async function openStore(address: string, settings: OpenStoreSettings): Promise<ObjectStore> {
  const store = await openRaw(address, settings);
  return withRetry(store, { ...settings.retry, runtime: settings.runtime });
}

async function openRaw(address: string, settings: OpenStoreSettings): Promise<ObjectStore> {
  const { runtime, region, credentials, create, folder = '.' } = settings;
  const parsed = parseAddress(address);
  if (parsed.kind === 'directory') {
    const path = isAbsolute(parsed.path) ? parsed.path : resolve(folder, parsed.path);
    const store = await openDirectoryStore({ path, runtime, ...(create === undefined ? {} : { create }) });
    return { ...store, address: parsed.path };
  }
  const { openS3Store } = await import('./s3/index.ts');
  const { bucket, prefix, endpoint } = parsed;
  return await openS3Store({
    bucket,
    prefix,
    runtime,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

/**
 * `./vault`, `/srv/vault`, `file:vault`, `file:///srv/vault`, `s3://bucket/prefix`, `s3+http://host:port/bucket/prefix`,
 * `s3+https://host/bucket`. Throws config.invalid, saying what is wrong and what it should look like.
 */
export function parseAddress(address: string): StoreAddress {
  if (address.trim() === '') throw invalid(address, 'it is empty');
  if (address.includes('\0')) throw invalid(address.replaceAll('\0', '\\0'), 'it holds a NUL character');
  if (/^~(\/|$)/.test(address)) {
    throw invalid(address, `"~" is no folder here: write the whole path (a folder of that name: ./${address})`);
  }
  if (address.includes('${')) throw invalid(address, 'variables are not replaced in it');
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: 'directory', path: address };
  const rest = address.slice(scheme.length + 1);
  if (scheme === 'file') return { kind: 'directory', path: filePath(address, rest) };
  if (scheme !== 's3' && scheme !== 's3+http' && scheme !== 's3+https') {
    throw invalid(address, `"${scheme}:" is no kind of store (a folder of that name: ./${address})`);
  }
  if (!rest.startsWith('//')) throw invalid(address, `"//" is missing after "${scheme}:"`);
  if (/[?#]/.test(rest)) throw invalid(address, '"?" and "#" have no meaning in it');
  const segments = rest.slice(2).split('/');
  if ((segments[0] ?? '').includes('@')) {
    throw invalid(`${scheme}://…`, 'it holds credentials; configure them as AWS credentials instead');
  }
  const endpoint = scheme === 's3' ? undefined : endpointOf(address, scheme.slice(3), segments.shift() ?? '');
  return {
    kind: 's3',
    bucket: bucketOf(address, segments.shift() ?? '', endpoint !== undefined),
    prefix: prefixOf(address, segments),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

function filePath(address: string, rest: string): string {
  if (!rest.startsWith('//')) {
    if (rest === '') throw invalid(address, 'the path is missing');
    return rest;
  }
  try {
    return fileURLToPath(address);
  } catch (cause) {
    throw invalid(address, 'after "file://" comes an absolute path: file:///srv/vault', cause);
  }
}

function endpointOf(address: string, protocol: string, host: string): string {
  if (!/^([a-z0-9._-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/i.test(host)) {
    throw invalid(address, host === '' ? 'the host is missing' : `"${host}" is no host:port`);
  }
  const port = Number(/:(\d+)$/.exec(host)?.[1] ?? 443);
  if (port < 1 || port > 65_535) throw invalid(address, `${port} is no port`);
  return `${protocol}://${host}`;
}

function bucketOf(address: string, name: string, isCompatible: boolean): string {
  if (name === '') throw invalid(address, 'the bucket is missing');
  // Compatible stores allow more than Amazon does.
  const allowed = isCompatible ? /^[A-Za-z0-9._-]{1,255}$/ : /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
  if (!allowed.test(name)) throw invalid(address, `"${name}" is no bucket name`);
  return name;
}

function prefixOf(address: string, segments: readonly string[]): string {
  const kept = segments.at(-1) === '' ? segments.slice(0, -1) : segments;
  for (const segment of kept) {
    if (segment === '' || segment === '.' || segment === '..' || !/^[A-Za-z0-9!_.*'()=~-]+$/.test(segment)) {
      throw invalid(address, `"${segment}" cannot be a part of the prefix`);
    }
  }
  return kept.join('/');
}

function invalid(address: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('config.invalid', `not a repository address: ${address}: ${why}`, {
    hint: 'Write ./folder, s3://bucket/prefix, or s3+https://host:port/bucket/prefix.',
    cause,
  });
}
