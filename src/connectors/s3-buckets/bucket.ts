import type * as S3 from '@aws-sdk/client-s3';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { resourceKey } from '../../kernel/entry.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { fromAws, isAwsError } from '../aws/classify.ts';
import type { SmallObjects } from '../aws/contract.ts';
import type { ConnectorContext } from '../contract.ts';

/** The client package, loaded when the first bucket is opened. */
export type S3Sdk = typeof S3;

/** One bucket and the client of its region. */
export interface Bucket {
  readonly name: string;
  readonly region: string;
  /** `s3-buckets/acme-uploads`: how messages call it. */
  readonly label: string;
  readonly s3: S3.S3Client;
  /** Absent: the client serves small objects too. */
  readonly small?: SmallObjects;
  readonly sdk: S3Sdk;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

// Many S3-compatible stores never answer `Expect: 100-continue`, and the client would wait six seconds for each part.
const clientSettings = { expectContinueHeader: false };

export async function openBucket(context: ConnectorContext, name: string, region: string): Promise<Bucket> {
  const sdk = await import('@aws-sdk/client-s3');
  const aws = context.aws.inRegion(region);
  const small = aws.smallObjects?.(name);
  return {
    name,
    region,
    label: resourceKey({ type: 's3-buckets', name }),
    s3: aws.client<S3.S3Client>(sdk.S3Client, clientSettings),
    ...(small ? { small } : {}),
    sdk,
    runtime: context.runtime,
    signal: context.signal,
  };
}

/** The region behind a LocationConstraint: empty means us-east-1, `EU` is the old name of eu-west-1 (GetBucketLocation). */
export function regionOf(constraint: string | undefined): string {
  if (constraint === undefined || constraint === '') return 'us-east-1';
  return constraint === 'EU' ? 'eu-west-1' : constraint;
}

export function bucketArn(name: string, region: string): string {
  if (region.startsWith('cn-')) return `arn:aws-cn:s3:::${name}`;
  return region.startsWith('us-gov-') ? `arn:aws-us-gov:s3:::${name}` : `arn:aws:s3:::${name}`;
}

/**
 * Awaits one call. What the SDK throws becomes an item error that names the bucket, or the object when `key` is given;
 * an abort stays an abort, so that Ctrl-C does not count as a thousand failed items.
 */
export async function ask<T>(bucket: Bucket, operation: string, running: Promise<T>, key?: string): Promise<T> {
  try {
    return await running;
  } catch (error) {
    bucket.signal.throwIfAborted();
    throw itemError(error, operation, key === undefined ? bucket.label : `${bucket.label}/${key}`);
  }
}

/** Sends an operation by its name; the answer as plain JSON (dates as ISO 8601 text), without the SDK's own fields. */
export async function sendByName(
  bucket: Bucket,
  operation: string,
  input: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, Json | undefined>>> {
  const commands = bucket.sdk as unknown as Readonly<Record<string, new (input: object) => never>>;
  const Command = commands[`${operation}Command`];
  if (Command === undefined) throw new HoldfastError('internal.bug', `the S3 client has no operation ${operation}`);
  const running = bucket.s3.send(new Command({ Bucket: bucket.name, ...input }), { abortSignal: bucket.signal });
  const { $metadata: _, ...answer } = (await ask(bucket, operation, running as Promise<object>)) as {
    $metadata?: unknown;
  };
  return JSON.parse(JSON.stringify(answer)) as Readonly<Record<string, Json | undefined>>;
}

/** What S3 says about single objects in words of its own. */
function itemError(error: unknown, operation: string, what: string): HoldfastError {
  if (isItemError(error)) return error;
  const said = error instanceof Error ? error.message : String(error);
  if (isAwsError(error, 'InvalidObjectState')) {
    return new HoldfastError('item.unreadable', `${what} is in an archive tier and cannot be read: ${said}`, {
      resource: what,
      hint: 'Thaw it with RestoreObject, then take a snapshot again.',
      cause: error,
    });
  }
  if (isAwsError(error, 'PreconditionFailed', 412)) {
    return new HoldfastError('item.changed', `${what} changed between listing and ${operation}`, {
      resource: what,
      cause: error,
    });
  }
  if (operation === 'GetObject' && isAwsError(error, 'InvalidRequest') && /encrypt/i.test(said)) {
    return new HoldfastError('item.unreadable', `${what} is encrypted with a customer's key (SSE-C): ${said}`, {
      resource: what,
      hint: 'AWS does not hold the key; copy the object with its key to a bucket encrypted by S3 or KMS.',
      cause: error,
    });
  }
  return fromAws(error, operation, what);
}
