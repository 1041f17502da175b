import type { Route53 } from '@aws-sdk/client-route-53';
import type { Route53Domains } from '@aws-sdk/client-route-53-domains';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** Registrations are asked for in us-east-1 only (Route 53 endpoints and quotas). */
export const homeRegion = 'us-east-1';

/** The SDK packages are imported when first needed. */
export async function domainsClient(aws: AwsAccess): Promise<Route53Domains> {
  const sdk = await import('@aws-sdk/client-route-53-domains');
  return aws.inRegion(homeRegion).client(sdk.Route53Domains);
}

export async function zonesClient(aws: AwsAccess): Promise<Route53> {
  const sdk = await import('@aws-sdk/client-route-53');
  return aws.inRegion(homeRegion).client(sdk.Route53);
}

const api = 'route53domains';

export const captureCalls = [
  ...['ListDomains', 'GetDomainDetail', 'ListTagsForDomain'].map((operation) => call(api, operation)),
  call('route53', 'ListHostedZonesByName'),
  call('route53', 'GetHostedZone'),
];

export const restoreCalls = [
  ...captureCalls,
  ...[
    'UpdateDomainNameservers',
    'EnableDomainAutoRenew',
    'DisableDomainAutoRenew',
    'EnableDomainTransferLock',
    'DisableDomainTransferLock',
    'GetOperationDetail',
    'UpdateTagsForDomain',
    'DeleteTagsForDomain',
  ].map((operation) => call(api, operation)),
];
