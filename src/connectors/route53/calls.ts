import { call, type ProviderCall } from '../contract.ts';

export const captureCalls: readonly ProviderCall[] = [
  call('route53', 'ListHostedZones'),
  call('route53', 'GetHostedZone'),
  call('route53', 'ListResourceRecordSets'),
  call('route53', 'ListTagsForResources'),
  call('route53', 'GetDNSSEC'),
  call('route53', 'ListQueryLoggingConfigs'),
  call('route53', 'ListReusableDelegationSets'),
  call('route53', 'ListHealthChecks'),
  call('route53', 'ListTrafficPolicies'),
  call('route53', 'ListTrafficPolicyVersions'),
  call('route53', 'ListTrafficPolicyInstances'),
  call('route53', 'ListCidrCollections'),
  call('route53', 'ListCidrBlocks'),
];

export const restoreCalls: readonly ProviderCall[] = [
  call('route53', 'GetHostedZone'),
  call('route53', 'ListHostedZonesByName'),
  // A private zone is created in a VPC, which Route 53 looks up on the caller's behalf.
  call('route53', 'CreateHostedZone', 'route53:CreateHostedZone', 'ec2:DescribeVpcs'),
  call('route53', 'UpdateHostedZoneComment'),
  call('route53', 'AssociateVPCWithHostedZone', 'route53:AssociateVPCWithHostedZone', 'ec2:DescribeVpcs'),
  call('route53', 'DisassociateVPCFromHostedZone', 'route53:DisassociateVPCFromHostedZone', 'ec2:DescribeVpcs'),
  call('route53', 'ListQueryLoggingConfigs'),
  call('route53', 'CreateQueryLoggingConfig'),
  call('route53', 'DeleteQueryLoggingConfig'),
  call('route53', 'ListTagsForResources'),
  call('route53', 'ChangeTagsForResource'),
  call('route53', 'ListResourceRecordSets'),
  call('route53', 'ChangeResourceRecordSets'),
  call('route53', 'GetChange'),
  call('route53', 'ListHealthChecks'),
  call('route53', 'GetHealthCheck'),
  call('route53', 'CreateHealthCheck'),
  call('route53', 'UpdateHealthCheck'),
];
