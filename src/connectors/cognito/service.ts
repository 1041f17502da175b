import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, cognitoClient, restoreCalls, type Cognito } from './calls.ts';
import { clients } from './clients.ts';
import { createPool, findPool, notes } from './create.ts';
import { branding, domain } from './domain.ts';
import { groups, providers, resourceServers } from './parts.ts';
import { listPools, mfa, pool, schema, triggers } from './pool.ts';
import { quotas } from './quotas.ts';

export const cognito: DocumentService<Cognito, Record<string, never>> = {
  type: 'cognito',
  title: 'Cognito user pools and their users',
  scope: 'regional',
  dependsOn: ['kms', 'iam', 'acm', 'ses', 'lambda-functions'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: cognitoClient,
  kinds: [
    {
      kind: '',
      list: listPools,
      parts: [pool, schema, mfa, resourceServers, providers, clients, groups, domain, branding, triggers],
      live: { find: findPool, create: createPool },
      notes,
    },
  ],
  quotas,
};
