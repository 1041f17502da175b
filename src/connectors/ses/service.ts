import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { account } from './account.ts';
import { captureCalls, restoreCalls, sesClients, type Clients } from './calls.ts';
import { configurationSets } from './configuration-sets.ts';
import { contactLists } from './contact-lists.ts';
import { identities } from './identities.ts';
import { receiptFilters } from './receipt-filters.ts';
import { receiptRuleSets } from './receipt-rules.ts';
import { templates } from './templates.ts';

export const ses: DocumentService<Clients, Record<string, never>> = {
  type: 'ses',
  title: 'SES',
  scope: 'regional',
  dependsOn: ['kms', 'iam', 'sns', 's3-buckets'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: sesClients,
  kinds: [account, configurationSets, templates, contactLists, identities, receiptRuleSets, receiptFilters],
};
