import type { SSM } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, restoreCalls, ssmClient } from './calls.ts';
import { notes } from './ledger.ts';
import { listParameters } from './listing.ts';
import { metadata, tags, value } from './parts.ts';
import { quotas } from './quotas.ts';
import { createParameter, findParameter } from './put.ts';

export const ssmParameters: DocumentService<SSM, Record<string, never>> = {
  type: 'ssm-parameters',
  title: 'Systems Manager parameters',
  scope: 'regional',
  dependsOn: ['kms', 'iam'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: ssmClient,
  quotas,
  kinds: [
    {
      kind: '',
      list: listParameters,
      parts: [metadata, value, tags],
      live: { find: findParameter, create: createParameter },
      notes,
    },
  ],
};
