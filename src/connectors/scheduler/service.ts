import type { Scheduler } from '@aws-sdk/client-scheduler';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, restoreCalls, schedulerClient } from './calls.ts';
import { groups } from './groups.ts';
import { schedules } from './schedules.ts';

export const scheduler: DocumentService<Scheduler, Record<string, never>> = {
  type: 'scheduler',
  title: 'EventBridge Scheduler',
  scope: 'regional',
  dependsOn: ['kms', 'iam'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: schedulerClient,
  kinds: [groups, schedules],
};
