import type { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The one region whose endpoint answers for all (Global Accelerator developer guide, "Getting started"). */
export const homeRegion = 'us-west-2';

/** The SDK package is imported when first needed. */
export async function acceleratorClient(aws: AwsAccess): Promise<GlobalAccelerator> {
  const sdk = await import('@aws-sdk/client-global-accelerator');
  return aws.inRegion(homeRegion).client(sdk.GlobalAccelerator);
}

const api = 'globalaccelerator';

export const captureCalls = [
  'ListAccelerators',
  'DescribeAcceleratorAttributes',
  'ListListeners',
  'ListEndpointGroups',
  'ListCustomRoutingAccelerators',
  'DescribeCustomRoutingAcceleratorAttributes',
  'ListCustomRoutingListeners',
  'ListCustomRoutingEndpointGroups',
  'ListCustomRoutingPortMappings',
  'ListCrossAccountAttachments',
  'ListByoipCidrs',
  'ListTagsForResource',
].map((operation) => call(api, operation));

// What load balancers, addresses and networks let Global Accelerator do (service authorization reference).
const forEndpoints = [
  'elasticloadbalancing:DescribeLoadBalancers',
  'ec2:DescribeAddresses',
  'ec2:DescribeInstances',
  'ec2:DescribeInternetGateways',
  'ec2:DescribeRegions',
  'ec2:DescribeSubnets',
];

export const restoreCalls = [
  ...captureCalls,
  call(api, 'DescribeAccelerator'),
  call(api, 'DescribeCrossAccountAttachment'),
  call(api, 'ListCrossAccountResourceAccounts'),
  call(api, 'ListCrossAccountResources'),
  call(api, 'CreateAccelerator', `${api}:CreateAccelerator`, 'iam:CreateServiceLinkedRole'),
  call(api, 'UpdateAccelerator'),
  call(api, 'UpdateAcceleratorAttributes', `${api}:UpdateAcceleratorAttributes`, 's3:GetBucketPolicy'),
  call(api, 'CreateListener'),
  call(api, 'UpdateListener'),
  call(api, 'DeleteListener'),
  call(api, 'CreateEndpointGroup', `${api}:CreateEndpointGroup`, ...forEndpoints),
  call(api, 'UpdateEndpointGroup', `${api}:UpdateEndpointGroup`, ...forEndpoints),
  call(api, 'DeleteEndpointGroup'),
  call(api, 'CreateCustomRoutingAccelerator', `${api}:CreateCustomRoutingAccelerator`, 'iam:CreateServiceLinkedRole'),
  ...[
    'DescribeCustomRoutingAccelerator',
    'UpdateCustomRoutingAccelerator',
    'CreateCustomRoutingListener',
    'UpdateCustomRoutingListener',
    'DeleteCustomRoutingListener',
    'DeleteCustomRoutingEndpointGroup',
    'RemoveCustomRoutingEndpoints',
    'AllowCustomRoutingTraffic',
    'DenyCustomRoutingTraffic',
  ].map((operation) => call(api, operation)),
  call(
    api,
    'UpdateCustomRoutingAcceleratorAttributes',
    `${api}:UpdateCustomRoutingAcceleratorAttributes`,
    's3:GetBucketPolicy',
  ),
  call(api, 'CreateCustomRoutingEndpointGroup', `${api}:CreateCustomRoutingEndpointGroup`, ...forEndpoints),
  call(api, 'AddCustomRoutingEndpoints', `${api}:AddCustomRoutingEndpoints`, ...forEndpoints),
  call(api, 'CreateCrossAccountAttachment'),
  call(api, 'UpdateCrossAccountAttachment'),
  call(api, 'TagResource'),
  call(api, 'UntagResource'),
];
