import type { ConfigService } from '@aws-sdk/client-config-service';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { aggregators, authorizations } from './aggregation.ts';
import { captureCalls, configClient, restoreCalls } from './calls.ts';
import { conformancePacks } from './conformance-packs.ts';
import { deliveryChannels, recorders, retention } from './recording.ts';
import { rules } from './rules.ts';

export const awsConfig: DocumentService<ConfigService, Record<string, never>> = {
  type: 'aws-config',
  title: 'AWS Config',
  scope: 'regional',
  // A channel asks for its bucket, and a rule for its function.
  dependsOn: ['kms', 'iam', 's3-buckets', 'sns', 'lambda-functions'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: configClient,
  kinds: [recorders, deliveryChannels, retention, aggregators, authorizations, rules, conformancePacks],
};
