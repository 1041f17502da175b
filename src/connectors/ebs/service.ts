import type { EC2 } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, ec2Client, restoreCalls } from './calls.ts';
import { settings } from './settings.ts';
import { snapshots } from './snapshots.ts';
import { volumes } from './volumes.ts';

export const ebs: DocumentService<EC2, Record<string, never>> = {
  type: 'ebs',
  title: 'EBS volumes and snapshots',
  scope: 'regional',
  dependsOn: ['kms'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: ec2Client,
  kinds: [settings, volumes, snapshots],
};
