import type { CloudFront } from '@aws-sdk/client-cloudfront';
import { HoldfastError } from '../../kernel/errors.ts';
import { isAwsError, required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';
import { quotaCalls } from '../service-quotas/limits.ts';

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

export const restoreCalls = [
  call('cloudfront', 'GetOriginAccessControlConfig'),
  call('cloudfront', 'CreateOriginAccessControl'),
  call('cloudfront', 'UpdateOriginAccessControl'),
  call('cloudfront', 'GetCloudFrontOriginAccessIdentityConfig'),
  call('cloudfront', 'CreateCloudFrontOriginAccessIdentity'),
  call('cloudfront', 'UpdateCloudFrontOriginAccessIdentity'),
  call('cloudfront', 'GetCachePolicyConfig'),
  call('cloudfront', 'CreateCachePolicy'),
  call('cloudfront', 'UpdateCachePolicy'),
  call('cloudfront', 'GetOriginRequestPolicyConfig'),
  call('cloudfront', 'CreateOriginRequestPolicy'),
  call('cloudfront', 'UpdateOriginRequestPolicy'),
  call('cloudfront', 'GetResponseHeadersPolicyConfig'),
  call('cloudfront', 'CreateResponseHeadersPolicy'),
  call('cloudfront', 'UpdateResponseHeadersPolicy'),
  call('cloudfront', 'GetPublicKeyConfig'),
  call('cloudfront', 'CreatePublicKey'),
  call('cloudfront', 'UpdatePublicKey'),
  call('cloudfront', 'GetKeyGroupConfig'),
  call('cloudfront', 'CreateKeyGroup'),
  call('cloudfront', 'UpdateKeyGroup'),
  call('cloudfront', 'DescribeKeyValueStore'),
  call('cloudfront', 'CreateKeyValueStore'),
  call('cloudfront', 'UpdateKeyValueStore'),
  call('cloudfront', 'DescribeFunction'),
  call('cloudfront', 'CreateFunction'),
  call('cloudfront', 'UpdateFunction'),
  call('cloudfront', 'PublishFunction'),
  // The role that writes to the stream is passed to CloudFront.
  call('cloudfront', 'CreateRealtimeLogConfig', 'cloudfront:CreateRealtimeLogConfig', 'iam:PassRole'),
  call('cloudfront', 'UpdateRealtimeLogConfig', 'cloudfront:UpdateRealtimeLogConfig', 'iam:PassRole'),
  call('cloudfront', 'GetDistribution'),
  // Functions at the edge are replicated, and a web ACL is attached, on the caller's behalf.
  call(
    'cloudfront',
    'CreateDistributionWithTags',
    'cloudfront:CreateDistribution',
    'cloudfront:TagResource',
    'lambda:GetFunction',
    'lambda:EnableReplication*',
    'wafv2:GetWebACL',
  ),
  call(
    'cloudfront',
    'UpdateDistribution',
    'cloudfront:UpdateDistribution',
    'lambda:GetFunction',
    'lambda:EnableReplication*',
    'wafv2:GetWebACL',
  ),
  call('cloudfront', 'TagResource'),
  call('cloudfront', 'UntagResource'),
  call('cloudfront', 'CreateMonitoringSubscription'),
  call('cloudfront', 'DeleteMonitoringSubscription'),
  ...quotaCalls,
];
