import type { Backup, BackupVaultEvent } from '@aws-sdk/client-backup';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import type { BackupOptions } from './options.ts';

const notSet = 'ResourceNotFoundException';

/** Who may do what with the vault; roles that it names may be restored later. */
export const access: DocumentPart<Backup, BackupOptions> = {
  file: 'access-policy.json',
  phase: 'settle',
  async read({ client }, { name, resource }) {
    const asking = client.getBackupVaultAccessPolicy({ BackupVaultName: name });
    const found = await optional(asking, 'GetBackupVaultAccessPolicy', resource, notSet);
    return found?.Policy ? (JSON.parse(found.Policy) as Json) : undefined;
  },
  async write({ client }, { name: BackupVaultName, resource }, wanted) {
    if (wanted === undefined) {
      const removing = client.deleteBackupVaultAccessPolicy({ BackupVaultName });
      await required(removing, 'DeleteBackupVaultAccessPolicy', resource);
    } else {
      const putting = client.putBackupVaultAccessPolicy({ BackupVaultName, Policy: JSON.stringify(wanted) });
      await required(putting, 'PutBackupVaultAccessPolicy', resource);
    }
  },
};

interface Notifications {
  readonly SNSTopicArn: string;
  readonly BackupVaultEvents: BackupVaultEvent[];
}

/** Which events are told, and to which topic. */
export const notifications: DocumentPart<Backup, BackupOptions> = {
  file: 'notifications.json',
  phase: 'settle',
  async read({ client }, { name, resource }) {
    const asking = client.getBackupVaultNotifications({ BackupVaultName: name });
    const found = await optional(asking, 'GetBackupVaultNotifications', resource, notSet);
    if (found?.SNSTopicArn === undefined) return undefined;
    return { SNSTopicArn: found.SNSTopicArn, BackupVaultEvents: (found.BackupVaultEvents ?? []).toSorted() };
  },
  async write({ client }, { name: BackupVaultName, resource }, wanted) {
    if (wanted === undefined) {
      const removing = client.deleteBackupVaultNotifications({ BackupVaultName });
      await required(removing, 'DeleteBackupVaultNotifications', resource);
    } else {
      const putting = client.putBackupVaultNotifications({
        BackupVaultName,
        ...(wanted as unknown as Notifications),
      });
      await required(putting, 'PutBackupVaultNotifications', resource);
    }
  },
};
