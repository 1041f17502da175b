import type { Backup } from '@aws-sdk/client-backup';
import type { DocumentService } from '../documents/contract.ts';
import { backupClient, captureCalls, restoreCalls } from './calls.ts';
import { backupOptions, type BackupOptions } from './options.ts';
import { plans } from './plans.ts';
import { settings } from './settings.ts';
import { airGappedVaults, vaults } from './vaults.ts';

export const backup: DocumentService<Backup, BackupOptions> = {
  type: 'backup',
  title: 'AWS Backup vaults, plans and selections',
  scope: 'regional',
  dependsOn: ['kms', 'iam', 'sns'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: backupOptions,
  client: backupClient,
  kinds: [settings, vaults, airGappedVaults, plans],
};
