import type { Tag } from '@aws-sdk/client-iam';
import type { Json } from '../../kernel/json.ts';
import type { AwsAccess } from '../aws/contract.ts';

/** The service's client and its commands, imported when first used. */
export async function iam(aws: AwsAccess) {
  const sdk = await import('@aws-sdk/client-iam');
  return { client: aws.client(sdk.IAMClient), sdk };
}

/** What the SDK returned as JSON: without undefined fields, dates in ISO 8601. */
export function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

export function tagRecord(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}
