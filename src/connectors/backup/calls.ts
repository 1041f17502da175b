import type { Backup } from '@aws-sdk/client-backup';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function backupClient(aws: AwsAccess): Promise<Backup> {
  const sdk = await import('@aws-sdk/client-backup');
  return aws.client(sdk.Backup);
}

export const captureCalls = [
  call('backup', 'ListBackupVaults'),
  call('backup', 'GetBackupVaultAccessPolicy'),
  call('backup', 'GetBackupVaultNotifications'),
  call('backup', 'ListRecoveryPointsByBackupVault'),
  call('backup', 'ListBackupPlans'),
  call('backup', 'GetBackupPlan'),
  call('backup', 'ListBackupSelections'),
  call('backup', 'GetBackupSelection'),
  call('backup', 'DescribeRegionSettings'),
  call('backup', 'DescribeGlobalSettings'),
  call('backup', 'ListTags'),
  call('kms', 'DescribeKey'),
];

export const restoreCalls = [
  ...captureCalls,
  // A vault keeps a grant on its key.
  call(
    'backup',
    'CreateBackupVault',
    'backup:CreateBackupVault',
    'backup:TagResource',
    'backup-storage:MountCapsule',
    'kms:CreateGrant',
    'kms:GenerateDataKey',
    'kms:Decrypt',
    'kms:RetireGrant',
  ),
  call('backup', 'PutBackupVaultAccessPolicy'),
  call('backup', 'DeleteBackupVaultAccessPolicy'),
  call('backup', 'PutBackupVaultNotifications'),
  call('backup', 'DeleteBackupVaultNotifications'),
  call('backup', 'PutBackupVaultLockConfiguration'),
  call('backup', 'DeleteBackupVaultLockConfiguration'),
  call('backup', 'CreateBackupPlan', 'backup:CreateBackupPlan', 'backup:TagResource'),
  call('backup', 'UpdateBackupPlan'),
  call('backup', 'CreateBackupSelection', 'backup:CreateBackupSelection', 'iam:PassRole'),
  call('backup', 'DeleteBackupSelection'),
  call('backup', 'UpdateRegionSettings'),
  call('backup', 'UpdateGlobalSettings'),
  call('backup', 'TagResource'),
  call('backup', 'UntagResource'),
];
