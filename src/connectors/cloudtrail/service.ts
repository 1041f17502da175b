import type { CloudTrail } from '@aws-sdk/client-cloudtrail';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, cloudtrailClient, restoreCalls } from './calls.ts';
import { eventDataStores } from './event-data-stores.ts';
import { trails } from './trails.ts';

export const cloudtrail: DocumentService<CloudTrail, Record<string, never>> = {
  type: 'cloudtrail',
  title: 'CloudTrail',
  scope: 'regional',
  // A trail asks for its bucket, topic and key, and whether it may use them.
  dependsOn: ['kms', 'iam', 's3-buckets', 'sns'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: cloudtrailClient,
  kinds: [trails, eventDataStores],
};
