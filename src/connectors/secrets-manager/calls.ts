import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function secretsClient(aws: AwsAccess): Promise<SecretsManager> {
  const sdk = await import('@aws-sdk/client-secrets-manager');
  return aws.client(sdk.SecretsManager);
}

export const captureCalls = [
  call('secretsmanager', 'ListSecrets'),
  call('secretsmanager', 'DescribeSecret'),
  // A value under a key of one's own is read by whoever may use that key.
  call('secretsmanager', 'GetSecretValue', 'secretsmanager:GetSecretValue', 'kms:Decrypt'),
  call('secretsmanager', 'GetResourcePolicy'),
];

export const restoreCalls = [
  ...captureCalls,
  call(
    'secretsmanager',
    'CreateSecret',
    'secretsmanager:CreateSecret',
    'secretsmanager:TagResource',
    'secretsmanager:ReplicateSecretToRegions',
    'kms:GenerateDataKey',
    'kms:Decrypt',
  ),
  call('secretsmanager', 'RestoreSecret'),
  call('secretsmanager', 'StopReplicationToReplica'),
  call('secretsmanager', 'UpdateSecret', 'secretsmanager:UpdateSecret', 'kms:GenerateDataKey', 'kms:Decrypt'),
  call('secretsmanager', 'PutSecretValue', 'secretsmanager:PutSecretValue', 'kms:GenerateDataKey', 'kms:Decrypt'),
  call('secretsmanager', 'UpdateSecretVersionStage'),
  call('secretsmanager', 'PutResourcePolicy'),
  call('secretsmanager', 'DeleteResourcePolicy'),
  call('secretsmanager', 'RotateSecret', 'secretsmanager:RotateSecret', 'lambda:InvokeFunction'),
  call('secretsmanager', 'CancelRotateSecret'),
  call('secretsmanager', 'ReplicateSecretToRegions'),
  call('secretsmanager', 'RemoveRegionsFromReplication'),
  call('secretsmanager', 'TagResource'),
  call('secretsmanager', 'UntagResource'),
];
