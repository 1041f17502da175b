import type { CloudFront } from '@aws-sdk/client-cloudfront';
import { HoldfastError } from '../../kernel/errors.ts';
import { isAwsError, required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account at hand; the SDK package is imported when first needed. */
export async function cloudFrontClient(aws: AwsAccess): Promise<CloudFront> {
  const sdk = await import('@aws-sdk/client-cloudfront');
  return aws.client(sdk.CloudFront);
}

/** One page of any of CloudFront's lists. */
export interface Page<Item> {
  readonly items: readonly Item[] | undefined;
  readonly next: string | undefined;
}

/** Reads every page of a list. An API that answers with the same marker for ever is item.unreadable, not a loop. */
export async function* everyPage<Item>(
  operation: string,
  resource: string,
  fetchPage: (from: { Marker?: string }) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let marker: string | undefined;
  do {
    const page = await required(fetchPage(marker === undefined ? {} : { Marker: marker }), operation, resource);
    yield* page.items ?? [];
    if (page.next && page.next === marker)
      throw new HoldfastError('item.unreadable', `${operation} of ${resource} does not end`, { resource });
    marker = page.next || undefined;
  } while (marker !== undefined);
}

/**
 * True when the endpoint does not know the call at all, as emulators answer: a 404 or 501 that is no
 * answer of CloudFront about a resource (those are called NoSuchDistribution, NoSuchCachePolicy and so on).
 */
export function isUnknownCall(error: unknown): boolean {
  const cause = error instanceof HoldfastError ? error.cause : error;
  const { name = '' } = (cause ?? {}) as { readonly name?: string };
  const aboutResource = name.startsWith('NoSuch') && name !== 'NoSuchResource';
  return isAwsError(error, 404, 501) && !aboutResource;
}

export const captureCalls = [
  call('cloudfront', 'ListDistributions'),
  call('cloudfront', 'GetDistributionConfig'),
  call('cloudfront', 'ListTagsForResource'),
  call('cloudfront', 'GetMonitoringSubscription'),
  call('cloudfront', 'ListOriginAccessControls'),
  call('cloudfront', 'ListCloudFrontOriginAccessIdentities'),
  call('cloudfront', 'ListCachePolicies'),
  call('cloudfront', 'ListOriginRequestPolicies'),
  call('cloudfront', 'ListResponseHeadersPolicies'),
  call('cloudfront', 'ListFunctions'),
  call('cloudfront', 'GetFunction'),
  call('cloudfront', 'ListKeyValueStores'),
  call('cloudfront', 'ListKeyGroups'),
  call('cloudfront', 'ListPublicKeys'),
  call('cloudfront', 'ListRealtimeLogConfigs'),
  call('cloudfront', 'ListFieldLevelEncryptionConfigs'),
  call('cloudfront', 'GetFieldLevelEncryptionConfig'),
  call('cloudfront', 'ListFieldLevelEncryptionProfiles'),
  call('cloudfront', 'ListContinuousDeploymentPolicies'),
  call('cloudfront', 'ListVpcOrigins'),
  call('cloudfront', 'GetVpcOrigin'),
  call('cloudfront', 'ListDistributionTenants'),
  call('cloudfront', 'GetDistributionTenant'),
  call('cloudfront', 'ListConnectionGroups'),
  call('cloudfront', 'ListTrustStores'),
  call('cloudfront', 'ListAnycastIpLists'),
];
