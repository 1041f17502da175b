import type { S3Control } from '@aws-sdk/client-s3-control';
import { isIP } from 'node:net';
import type { AwsAccess } from './contract.ts';

interface EndpointParameters {
  readonly Endpoint?: string | undefined;
  readonly AccountId?: string | undefined;
  readonly RequiresAccountId?: boolean | undefined;
}

interface Resolving {
  endpointProvider(parameters: EndpointParameters, context: unknown): unknown;
}

const known = new WeakSet<object>();

/** The client of the S3 Control API for the account and region at hand; the SDK package is imported when first needed. */
export async function s3ControlClient(aws: AwsAccess): Promise<S3Control> {
  const sdk = await import('@aws-sdk/client-s3-control');
  return withAddresses(aws.client(sdk.S3Control));
}

/**
 * The SDK puts the account before the host (`123456789012.s3-control.…`). An endpoint of one's own that is an address has no names
 * below it: there the account goes in the header only, which holds it anyway.
 */
export function withAddresses(client: S3Control): S3Control {
  if (known.has(client)) return client;
  known.add(client);
  const config = client.config as unknown as Resolving;
  const resolve = config.endpointProvider;
  config.endpointProvider = (parameters, context) =>
    resolve(isAddress(parameters.Endpoint) ? withoutAccount(parameters) : parameters, context);
  return client;
}

function isAddress(endpoint: string | undefined): boolean {
  if (endpoint === undefined || !URL.canParse(endpoint)) return false;
  return isIP(new URL(endpoint).hostname.replaceAll(/^\[|\]$/g, '')) !== 0;
}

function withoutAccount(parameters: EndpointParameters): EndpointParameters {
  return { ...parameters, AccountId: undefined, RequiresAccountId: false };
}
