import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, restoreCalls, secretsClient } from './calls.ts';
import { notes } from './ledger.ts';
import { metadata, policy, rotation, tags } from './parts.ts';
import { replication } from './replication.ts';
import { createSecret, findSecret, listSecrets } from './secret.ts';
import { value } from './value.ts';

export const secretsManager: DocumentService<SecretsManager, Record<string, never>> = {
  type: 'secrets-manager',
  title: 'Secrets Manager secrets',
  scope: 'regional',
  dependsOn: ['kms', 'iam'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: secretsClient,
  kinds: [
    {
      kind: '',
      list: listSecrets,
      parts: [metadata, value, tags, replication, policy, rotation],
      live: { find: findSecret, create: createSecret },
      notes,
    },
  ],
  quotas: {
    service: 'secretsmanager',
    rows: [{ kind: '', code: 'L-2F66C23C', what: 'secrets', named: /\bsecrets\b/i }],
  },
};
