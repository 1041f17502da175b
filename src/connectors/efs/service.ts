import type { EFS } from '@aws-sdk/client-efs';
import { keepBackupPoints } from '../backup-points/keeping.ts';
import { optionsWithBackups, type OptionsWithBackups } from '../backup-points/options.ts';
import { backupPointCalls } from '../backup-points/calls.ts';
import type { DocumentService } from '../documents/contract.ts';
import { accessPoints } from './access-points.ts';
import { captureCalls, efsClient, restoreCalls } from './calls.ts';
import { fileSystems } from './file-systems.ts';
import { fileSystemPoints } from './points.ts';

export const efs: DocumentService<EFS, OptionsWithBackups> = {
  type: 'efs',
  title: 'EFS file systems',
  scope: 'regional',
  dependsOn: ['kms', 'iam'],
  calls: { capture: captureCalls, restore: restoreCalls, points: backupPointCalls },
  options: optionsWithBackups,
  client: efsClient,
  kinds: [fileSystems, accessPoints],
  points: keepBackupPoints(fileSystemPoints),
  quotas: {
    service: 'elasticfilesystem',
    rows: [{ kind: 'file-systems', code: 'L-848C634D', what: 'EFS file systems', named: /file systems/i }],
  },
};
