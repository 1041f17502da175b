import type { SQS } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, restoreCalls, sqsClient } from './calls.ts';
import { attributes, policy, redrive, tags } from './parts.ts';
import { createQueue, findQueue, listQueues, notes } from './queue.ts';

export const sqs: DocumentService<SQS, Record<string, never>> = {
  type: 'sqs',
  title: 'SQS queues',
  scope: 'regional',
  dependsOn: ['kms', 'iam'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: sqsClient,
  kinds: [
    {
      kind: '',
      list: listQueues,
      parts: [attributes, policy, redrive, tags],
      live: { find: findQueue, create: createQueue },
      notes,
    },
  ],
};
