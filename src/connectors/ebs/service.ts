import type { EC2 } from '@aws-sdk/client-ec2';
import { keepBackupPoints } from '../backup-points/keeping.ts';
import { optionsWithBackups, type OptionsWithBackups } from '../backup-points/options.ts';
import { backupPointCalls } from '../backup-points/calls.ts';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, ec2Client, restoreCalls } from './calls.ts';
import { volumePoints } from './points.ts';
import { settings } from './settings.ts';
import { snapshots } from './snapshots.ts';
import { volumes } from './volumes.ts';

export const ebs: DocumentService<EC2, OptionsWithBackups> = {
  type: 'ebs',
  title: 'EBS volumes and snapshots',
  scope: 'regional',
  dependsOn: ['kms'],
  calls: { capture: captureCalls, restore: restoreCalls, points: backupPointCalls },
  options: optionsWithBackups,
  client: ec2Client,
  kinds: [settings, volumes, snapshots],
  points: keepBackupPoints(volumePoints),
};
