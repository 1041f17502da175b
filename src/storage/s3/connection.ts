import type * as S3Sdk from '@aws-sdk/client-s3';
import { hex } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { fromS3, nameOf, statusOf } from './errors.ts';
import { createLeanClient, type LeanClient } from './lean/client.ts';
import { createCredentials, type CredentialsProvider } from './lean/credentials.ts';
import { resolveTarget } from './lean/target.ts';

export interface S3StoreSettings {
  readonly bucket: string;
  /** Folder of the bucket that the keys are relative to; '' for the whole bucket. */
  readonly prefix: string;
  /** Absent: the SDK's own configuration; us-east-1 for custom endpoints. */
  readonly region?: string;
  /** `http://127.0.0.1:9000`, for stores other than Amazon's. */
  readonly endpoint?: string;
  /** SDK credentials or provider; absent: the SDK's default chain. */
  readonly credentials?: unknown;
  readonly runtime: Runtime;
  /** Connections at a time; default 64. */
  readonly connections?: number;
  /** Larger objects go up in parts. Default 64 MiB. */
  readonly multipartAbove?: number;
  /** At least 5 MiB, which is S3's own limit. Default 32 MiB. */
  readonly partSize?: number;
  /** Objects of one answer to a list; default and most 1000. */
  readonly pageSize?: number;
  /** The bucket in the host's name instead of the path; default: where the store asks for it. */
  readonly virtualHost?: boolean;
  /** Milliseconds without a byte in either direction after which a connection counts as dead; default 60 s. */
  readonly idleMs?: number;
}

/** An open bucket, as the files of this folder share it. */
export interface Connection {
  readonly sdk: typeof S3Sdk;
  /** For calls about the bucket, uploads in parts and locks. */
  readonly client: S3Sdk.S3Client;
  /** For everything that happens once per object. */
  readonly lean: LeanClient;
  readonly bucket: string;
  readonly runtime: Runtime;
  readonly multipartAbove: number;
  readonly partSize: number;
  readonly pageSize: number;
  /** A name for one put that no other put of any process has. */
  readonly nextWriteId: () => string;
  /** Key within the bucket. */
  readonly fullKey: (key: string) => string;
  /** Key within the store. */
  readonly ownKey: (fullKey: string) => string;
}

const mebibyte = 1024 * 1024;

const connectMs = 10_000;
const idleMs = 60_000;

/** Throws aws.credentials-missing and config.invalid where the SDK finds no credentials or region. */
export async function connect(settings: S3StoreSettings): Promise<Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const { NodeHttpHandler } = await import('@smithy/node-http-handler');
  const { Agent: HttpAgent } = await import('node:http');
  const { Agent: HttpsAgent } = await import('node:https');
  const connections = settings.connections ?? 64;
  const sockets = { keepAlive: true, maxSockets: connections };
  const requestHandler = new NodeHttpHandler({
    httpAgent: new HttpAgent(sockets),
    httpsAgent: new HttpsAgent(sockets),
    connectionTimeout: connectMs,
    requestTimeout: 120_000,
  });
  const configuration = (region: { readonly region?: string }): S3Sdk.S3ClientConfig => ({
    ...region,
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    ...(settings.credentials === undefined ? {} : { credentials: settings.credentials as never }),
    // The path works for every bucket name and nearly every endpoint, also one from AWS_ENDPOINT_URL.
    forcePathStyle: settings.virtualHost !== true,
    followRegionRedirects: true,
    maxAttempts: 4,
    // Puts carry a checksum of their own; compatible stores do not all know the SDK's default ones.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler,
  });
  const client = new sdk.S3Client(configuration(regionOf(settings)));
  // Random bytes for every put would cost a tenth of it.
  const opening = hex(settings.runtime.random.bytes(16));
  let puts = 0;
  const folder = settings.prefix === '' ? '' : `${settings.prefix.replace(/^\/+|\/+$/g, '')}/`;
  try {
    const { clock } = settings.runtime;
    const lean = createLeanClient({
      runtime: settings.runtime,
      credentials: createCredentials(client.config.credentials as CredentialsProvider, clock),
      target: await resolveTarget(sdk, client, settings.bucket),
      targetIn: (region) => resolveTarget(sdk, new sdk.S3Client(configuration({ region })), settings.bucket),
      connections,
      connectMs,
      idleMs: settings.idleMs ?? idleMs,
    });
    return {
      sdk,
      client,
      lean,
      bucket: settings.bucket,
      runtime: settings.runtime,
      multipartAbove: settings.multipartAbove ?? 64 * mebibyte,
      partSize: settings.partSize ?? 32 * mebibyte,
      pageSize: settings.pageSize ?? 1000,
      nextWriteId: () => `${opening}-${++puts}`,
      fullKey: (key) => `${folder}${key}`,
      ownKey: (fullKey) => fullKey.slice(folder.length),
    };
  } catch (error) {
    client.destroy();
    throw fromS3(error, 'the search for credentials and endpoint', settings.bucket);
  }
}

/** Ends all connections. */
export async function disconnect({ client, lean }: Connection): Promise<void> {
  client.destroy();
  await lean.close();
}

/** Stores that take the bucket in the host's name only say so by these names (Alibaba Cloud OSS, Tencent COS). */
export function wantsVirtualHost(error: unknown): boolean {
  const cause = error instanceof HoldfastError ? error.cause : error;
  return /^(SecondLevelDomainForbidden|PathStyleDomainForbidden)$/.test(nameOf(cause));
}

/**
 * Throws storage.bucket-missing, storage.denied or aws.credentials-* when the bucket cannot be used; says whether its
 * objects can be locked. Who may not read the lock configuration is taken for one who cannot lock.
 */
export async function probeBucket(connection: Connection): Promise<{ readonly lock: boolean }> {
  const { sdk, client, bucket } = connection;
  try {
    await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (statusOf(error) !== 404) throw fromS3(await withReason(connection, error), 'HeadBucket', bucket);
    throw new HoldfastError('storage.bucket-missing', `the bucket ${bucket} does not exist`, {
      resource: bucket,
      cause: error,
    });
  }
  try {
    const answer = await client.send(new sdk.GetObjectLockConfigurationCommand({ Bucket: bucket }));
    return { lock: answer.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled' };
  } catch (error) {
    const known = fromS3(error, 'GetObjectLockConfiguration', bucket);
    if (known.code.startsWith('aws.') || known.row.nature === 'retriable') throw known;
    return { lock: false };
  }
}

/** The answer to a HEAD has no body: S3 says 400 or 403 and not why (expired credentials, for one). A listing of one key does. */
async function withReason({ sdk, client, bucket }: Connection, error: unknown): Promise<unknown> {
  if (statusOf(error) !== 400 && statusOf(error) !== 403) return error;
  try {
    await client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
    return error;
  } catch (reason) {
    return reason;
  }
}

function regionOf(settings: S3StoreSettings): { readonly region?: string } {
  if (settings.region !== undefined) return { region: settings.region };
  return settings.endpoint === undefined ? {} : { region: 'us-east-1' };
}

/** ETags with their quotes are not the same everywhere: versions are the bare text. */
export function versionOf(etag: string | undefined, key: string): string {
  if (etag === undefined) {
    throw new HoldfastError('storage.unsupported', `the store gave no ETag for ${key}`, { resource: key });
  }
  return etag.replace(/^W\//, '').replaceAll('"', '');
}

export function quoted(version: string): string {
  return `"${version}"`;
}
