import type { APIGateway } from '@aws-sdk/client-api-gateway';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { accountKind } from './account.ts';
import { api, createApi, findApi, listApis, policy, tags } from './api.ts';
import { apiGatewayClient, captureCalls, restoreCalls } from './calls.ts';
import { certificatesKind } from './certificates.ts';
import { definition } from './definition-write.ts';
import { apiNotes, deployed } from './deployed.ts';
import { domainsKind } from './domains.ts';
import { apiKeysKind } from './keys.ts';
import { stages } from './stages.ts';
import { usagePlansKind } from './usage-plans.ts';
import { vpcLinksKind } from './vpc-links.ts';
import { quotas } from './quotas.ts';

export const apiGateway: DocumentService<APIGateway, Record<string, never>> = {
  type: 'api-gateway',
  title: 'API Gateway REST APIs, their keys, plans and domains',
  scope: 'regional',
  dependsOn: ['kms', 'iam', 'acm', 'lambda-functions', 'cognito'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: apiGatewayClient,
  kinds: [
    accountKind,
    certificatesKind,
    vpcLinksKind,
    apiKeysKind,
    {
      kind: 'apis',
      rank: 1,
      list: listApis,
      parts: [api, policy, tags, definition, stages, deployed],
      live: { find: findApi, create: createApi },
      notes: apiNotes,
    },
    usagePlansKind,
    domainsKind,
  ],
  quotas,
};
