import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import type { ServiceClients } from './clients.ts';
import type { Messages } from './messages.ts';
import { serviceRole } from './role.ts';

/** A vault, encrypted with the site's key and locked, that tells its topic; a plan that puts a table and a bucket into it. */
export async function seedBackups(
  { backup }: ServiceClients,
  site: SiteEnvironment,
  messages: Messages,
): Promise<void> {
  const BackupVaultName = site.named('vault');
  const tags = { Site: site.site.name };
  const role = serviceRole(site);
  await backup.createBackupVault({ BackupVaultName, EncryptionKeyArn: messages.keyArn, BackupVaultTags: tags });
  const Resource = `arn:aws:backup:${homeRegion}:${account}:backup-vault:${BackupVaultName}`;
  const Statement = [{ Effect: 'Allow', Principal: { AWS: role }, Action: 'backup:CopyIntoBackupVault', Resource }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await backup.putBackupVaultAccessPolicy({ BackupVaultName, Policy });
  await backup.putBackupVaultNotifications({
    BackupVaultName,
    SNSTopicArn: messages.topicArn,
    BackupVaultEvents: ['BACKUP_JOB_FAILED', 'RESTORE_JOB_COMPLETED'],
  });
  await backup.putBackupVaultLockConfiguration({ BackupVaultName, MinRetentionDays: 1, MaxRetentionDays: 400 });
  const { BackupPlanId } = await backup.createBackupPlan({
    BackupPlan: {
      BackupPlanName: site.named('daily'),
      Rules: [
        {
          RuleName: 'nightly',
          TargetBackupVaultName: BackupVaultName,
          ScheduleExpression: 'cron(0 5 ? * * *)',
          Lifecycle: { DeleteAfterDays: 35 },
          RecoveryPointTags: tags,
        },
      ],
    },
    BackupPlanTags: tags,
  });
  await backup.createBackupSelection({
    BackupPlanId,
    BackupSelection: {
      SelectionName: 'data',
      IamRoleArn: role,
      Resources: [
        `arn:aws:dynamodb:${homeRegion}:${account}:table/${site.named('bookings')}`,
        `arn:aws:s3:::${site.named('uploads')}`,
      ],
    },
  });
}
