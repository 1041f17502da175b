import type { EventBridge } from '@aws-sdk/client-eventbridge';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { archives } from './archives.ts';
import { buses } from './buses.ts';
import { captureCalls, eventbridgeClient, restoreCalls } from './calls.ts';
import { connections } from './connections.ts';
import { destinations } from './destinations.ts';
import { rules } from './rules.ts';
import { quotas } from './quotas.ts';

export const eventbridge: DocumentService<EventBridge, Record<string, never>> = {
  type: 'eventbridge',
  title: 'EventBridge',
  scope: 'regional',
  dependsOn: ['kms', 'iam', 'sqs'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: eventbridgeClient,
  kinds: [buses, connections, destinations, archives, rules],
  quotas,
};
