import type { KMS } from '@aws-sdk/client-kms';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { alias, createAlias, findAlias, listAliases } from './aliases.ts';
import { captureCalls, kmsClient, restoreCalls } from './calls.ts';
import { createKey } from './create-key.ts';
import { findKey } from './find-key.ts';
import { grants } from './grants.ts';
import { keyId } from './key-document.ts';
import { key } from './key.ts';
import { notes } from './ledger.ts';
import { listKeys } from './listing.ts';
import { policy, rotation, tags } from './parts.ts';
import { quotas } from './quotas.ts';

export const kms: DocumentService<KMS, Record<string, never>> = {
  type: 'kms',
  title: 'KMS keys and aliases',
  scope: 'regional',
  dependsOn: [],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: kmsClient,
  kinds: [
    {
      kind: 'keys',
      list: listKeys,
      parts: [key, policy, rotation, grants, tags],
      live: { find: findKey, create: createKey, follows: (from, to) => [{ from: keyId(from), to: keyId(to) }] },
      notes,
    },
    { kind: 'aliases', rank: 1, list: listAliases, parts: [alias], live: { find: findAlias, create: createAlias } },
  ],
  quotas,
};
