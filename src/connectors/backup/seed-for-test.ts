import type { Backup } from '@aws-sdk/client-backup';

const account = '123456789012';
const key = `arn:aws:kms:us-east-1:${account}:key/11111111-2222-3333-4444-555555555555`;
const role = `arn:aws:iam::${account}:role/backup`;
const tags = { site: 'acme' };

export const seedPlan = {
  BackupPlanName: 'daily',
  Rules: [
    {
      RuleName: 'nightly',
      TargetBackupVaultName: 'main',
      ScheduleExpression: 'cron(0 5 ? * * *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      StartWindowMinutes: 60,
      CompletionWindowMinutes: 180,
      Lifecycle: { MoveToColdStorageAfterDays: 30, DeleteAfterDays: 365 },
      RecoveryPointTags: { plan: 'daily' },
      CopyActions: [{ DestinationBackupVaultArn: `arn:aws:backup:us-west-2:${account}:backup-vault:dr` }],
    },
    { RuleName: 'continuous', TargetBackupVaultName: 'main', EnableContinuousBackup: true },
  ],
  AdvancedBackupSettings: [{ ResourceType: 'EC2', BackupOptions: { WindowsVSS: 'enabled' } }],
};

/** Vaults, plans and selections with everything that can be said of them, made through the SDK. */
export async function seedBackup(client: Backup): Promise<void> {
  await client.createBackupVault({ BackupVaultName: 'main', EncryptionKeyArn: key, BackupVaultTags: tags });
  await client.putBackupVaultAccessPolicy({
    BackupVaultName: 'main',
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 'backup:DeleteRecoveryPoint', Resource: '*' }],
    }),
  });
  await client.putBackupVaultNotifications({
    BackupVaultName: 'main',
    SNSTopicArn: `arn:aws:sns:us-east-1:${account}:backups`,
    BackupVaultEvents: ['BACKUP_JOB_FAILED', 'COPY_JOB_FAILED'],
  });
  await client.putBackupVaultLockConfiguration({ BackupVaultName: 'main', MinRetentionDays: 7, MaxRetentionDays: 400 });
  await client.createBackupVault({ BackupVaultName: 'scratch' });
  await client.createBackupVault({ BackupVaultName: 'forever' });
  await client.putBackupVaultLockConfiguration({
    BackupVaultName: 'forever',
    MinRetentionDays: 30,
    ChangeableForDays: 10,
  });
  const { BackupPlanId } = await client.createBackupPlan({ BackupPlan: seedPlan, BackupPlanTags: tags });
  await client.createBackupSelection({
    BackupPlanId,
    BackupSelection: {
      SelectionName: 'volumes',
      IamRoleArn: role,
      Resources: [`arn:aws:ec2:us-east-1:${account}:volume/vol-0123456789abcdef0`],
    },
  });
  await client.createBackupSelection({
    BackupPlanId,
    BackupSelection: {
      SelectionName: 'tagged',
      IamRoleArn: role,
      Resources: ['*'],
      NotResources: ['arn:aws:s3:::logs'],
      ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'site', ConditionValue: 'acme' }],
      Conditions: { StringLike: [{ ConditionKey: 'aws:ResourceTag/env', ConditionValue: 'prod*' }] },
    },
  });
  const Rules = [{ RuleName: 'sundays', TargetBackupVaultName: 'main', ScheduleExpression: 'cron(0 3 ? * 1 *)' }];
  await client.createBackupPlan({ BackupPlan: { BackupPlanName: 'weekly', Rules } });
}
