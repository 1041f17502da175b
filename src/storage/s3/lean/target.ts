import type * as S3Sdk from '@aws-sdk/client-s3';
import { HoldfastError } from '../../../kernel/errors.ts';

/** Where the requests for one bucket go, and for which region they are signed. */
export interface Target {
  /** `https://s3.eu-west-1.amazonaws.com`. */
  readonly origin: string;
  /** As the Host header says it. */
  readonly host: string;
  /** What stands before the key: `/bucket/`, or `/` where the bucket is part of the host's name. */
  readonly path: string;
  readonly region: string;
  readonly secure: boolean;
}

export interface SentRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Asks the SDK where it would send a request for the bucket, without sending it: endpoints from the environment and from
 * profiles, FIPS, dual stack, partitions and addressing stay the SDK's affair. Throws what its credentials throw.
 */
export async function resolveTarget(sdk: typeof S3Sdk, client: S3Sdk.S3Client, bucket: string): Promise<Target> {
  return targetOf(await requestOf(client, new sdk.HeadBucketCommand({ Bucket: bucket })));
}

/** The signed request that a client of the SDK would send for a command. Nothing is sent. Throws what its credentials throw. */
export async function requestOf(
  client: Pick<S3Sdk.S3Client, 'send'>,
  command: S3Sdk.HeadBucketCommand,
): Promise<SentRequest> {
  let caught: SentRequest | undefined;
  command.middlewareStack.add(
    () => async (args) => {
      caught = args.request as SentRequest;
      return await Promise.resolve({ response: undefined, output: { $metadata: {} } });
    },
    { step: 'deserialize', priority: 'high', name: 'holdfastTarget' },
  );
  await client.send(command);
  if (caught === undefined) throw new HoldfastError('internal.bug', 'a client of the SDK showed no request');
  return caught;
}

export function targetOf({ protocol, hostname, port, path, headers }: SentRequest): Target {
  const bare = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  const host = port === undefined || port === ownPort(protocol) ? bare : `${bare}:${port}`;
  const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers['authorization'] ?? '')?.[1];
  if (region === undefined)
    throw new HoldfastError('internal.bug', 'a client of the SDK signed its request in an unknown way');
  return {
    origin: `${protocol}//${host}`,
    host,
    path: path.endsWith('/') ? path : `${path}/`,
    region,
    secure: protocol === 'https:',
  };
}

function ownPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}
