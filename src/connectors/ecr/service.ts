import type { ECR } from '@aws-sdk/client-ecr';
import { z } from 'zod';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, ecrClient, restoreCalls } from './calls.ts';
import { registryKind } from './registry.ts';
import {
  createRepository,
  findRepository,
  lifecycle,
  listRepositories,
  policy,
  repository,
  tags,
} from './repository.ts';
import { quotas } from './quotas.ts';

export type Options = Record<string, never>;

const notes: readonly LedgerNote[] = [
  {
    class: 'new-identity',
    what: 'when images were pushed, and what was found in them',
    why: 'ECR dates images by itself, so that lifecycle rules count days anew; scans are made again.',
    action: 'Let rules keep images by number or tag where a restore must not prolong them.',
  },
];

export const ecr: DocumentService<ECR, Options> = {
  type: 'ecr',
  title: 'ECR repositories and their images',
  scope: 'regional',
  dependsOn: ['kms', 'iam'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: ecrClient,
  kinds: [
    registryKind,
    {
      kind: 'repositories',
      list: listRepositories,
      parts: [repository, tags, policy, lifecycle],
      live: { find: findRepository, create: createRepository },
      notes: () => notes,
    },
  ],
  quotas,
};
