import type { SSM } from '@aws-sdk/client-ssm';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function ssmClient(aws: AwsAccess): Promise<SSM> {
  const sdk = await import('@aws-sdk/client-ssm');
  return aws.client(sdk.SSM);
}

export const captureCalls = [
  call('ssm', 'DescribeParameters'),
  // A value under a key of one's own is read by whoever may use that key.
  call('ssm', 'GetParameters', 'ssm:GetParameters', 'kms:Decrypt'),
  call('ssm', 'GetParameter', 'ssm:GetParameter', 'kms:Decrypt'),
  call('ssm', 'ListTagsForResource'),
];

export const restoreCalls = [
  ...captureCalls,
  call('ssm', 'PutParameter', 'ssm:PutParameter', 'ssm:AddTagsToResource', 'kms:Encrypt', 'kms:GenerateDataKey'),
  call('ssm', 'AddTagsToResource'),
  call('ssm', 'RemoveTagsFromResource'),
];
