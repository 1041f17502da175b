import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function cloudFormationClient(aws: AwsAccess): Promise<CloudFormation> {
  const sdk = await import('@aws-sdk/client-cloudformation');
  return aws.client(sdk.CloudFormation);
}

const calls = (...names: string[]) => names.map((name) => call('cloudformation', name));

export const captureCalls = [
  ...calls('DescribeStacks', 'GetTemplate', 'GetStackPolicy', 'ListStackResources'),
  ...calls('ListStackSets', 'DescribeStackSet', 'ListStackInstances'),
];
