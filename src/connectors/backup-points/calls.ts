import { call } from '../contract.ts';

/** What restores from them need. */
export const backupRestoreCalls = [
  call('backup', 'DescribeRecoveryPoint'),
  call('backup', 'GetRecoveryPointRestoreMetadata'),
  call('backup', 'ListRestoreJobsByProtectedResource'),
  call('backup', 'StartRestoreJob', 'backup:StartRestoreJob', 'iam:PassRole'),
  call('backup', 'DescribeRestoreJob'),
];

/** What recovery points by AWS Backup need, besides the calls of the service whose resources they are of. */
export const backupPointCalls = [
  call('backup', 'StartBackupJob', 'backup:StartBackupJob', 'backup:TagResource', 'iam:PassRole'),
  call('backup', 'DescribeBackupJob'),
  call('backup', 'DescribeRecoveryPoint'),
  call('backup', 'StartCopyJob', 'backup:StartCopyJob', 'iam:PassRole'),
  call('backup', 'ListCopyJobs'),
  call('backup', 'ListRecoveryPointsByBackupVault'),
  call('backup', 'ListTags'),
  call('backup', 'DeleteRecoveryPoint'),
];
