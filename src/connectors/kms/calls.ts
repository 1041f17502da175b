import type { KMS } from '@aws-sdk/client-kms';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function kmsClient(aws: AwsAccess): Promise<KMS> {
  const sdk = await import('@aws-sdk/client-kms');
  return aws.client(sdk.KMS);
}

export const captureCalls = [
  call('kms', 'ListKeys'),
  call('kms', 'DescribeKey'),
  call('kms', 'ListAliases'),
  call('kms', 'ListResourceTags'),
  call('kms', 'GetKeyPolicy'),
  call('kms', 'GetKeyRotationStatus'),
  call('kms', 'ListGrants'),
];

export const restoreCalls = [
  ...captureCalls,
  call('kms', 'CreateKey', 'kms:CreateKey', 'kms:TagResource'),
  call('kms', 'ReplicateKey', 'kms:ReplicateKey', 'kms:CreateKey', 'kms:TagResource'),
  call('kms', 'CancelKeyDeletion'),
  call('kms', 'EnableKey'),
  call('kms', 'DisableKey'),
  call('kms', 'UpdateKeyDescription'),
  call('kms', 'PutKeyPolicy'),
  call('kms', 'EnableKeyRotation'),
  call('kms', 'DisableKeyRotation'),
  call('kms', 'CreateGrant'),
  call('kms', 'RevokeGrant'),
  call('kms', 'TagResource'),
  call('kms', 'UntagResource'),
  call('kms', 'CreateAlias'),
  call('kms', 'UpdateAlias'),
];
