import type { SNS } from '@aws-sdk/client-sns';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, restoreCalls, snsClient } from './calls.ts';
import { notes } from './ledger.ts';
import { attributes, dataProtection, policy, tags } from './parts.ts';
import { subscriptions, webhooks } from './subscriptions.ts';
import { createTopic, findTopic, listTopics } from './topic.ts';
import { quotas } from './quotas.ts';

export const sns: DocumentService<SNS, Record<string, never>> = {
  type: 'sns',
  title: 'SNS topics',
  scope: 'regional',
  dependsOn: ['kms', 'iam'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: snsClient,
  kinds: [
    {
      kind: '',
      list: listTopics,
      parts: [attributes, policy, dataProtection, tags, subscriptions, webhooks],
      live: { find: findTopic, create: createTopic },
      notes,
    },
  ],
  quotas,
};
