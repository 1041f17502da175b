import type { Json } from '../../kernel/json.ts';
import type { AwsAccess } from '../aws/contract.ts';

/** The service's client and its commands, imported when first used. */
export async function route53(aws: AwsAccess) {
  const sdk = await import('@aws-sdk/client-route-53');
  return { client: aws.client(sdk.Route53Client), sdk };
}

/** What the SDK returned as JSON: without undefined fields, dates in ISO 8601. */
export function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
