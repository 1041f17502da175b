import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { api, createApi, findApi, listApis, tags } from './api.ts';
import { apiGatewayV2Client, captureCalls, restoreCalls } from './calls.ts';
import { definition } from './definition-write.ts';
import { domainsKind } from './domains.ts';
import { apiNotes } from './notes.ts';
import { stages } from './stages.ts';
import { vpcLinksKind } from './vpc-links.ts';

export const apiGatewayV2: DocumentService<ApiGatewayV2, Record<string, never>> = {
  type: 'api-gateway-v2',
  title: 'API Gateway HTTP and WebSocket APIs',
  scope: 'regional',
  // Domains may be shared with REST APIs.
  dependsOn: ['kms', 'iam', 'acm', 'lambda-functions', 'cognito', 'api-gateway'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: apiGatewayV2Client,
  kinds: [
    vpcLinksKind,
    {
      kind: 'apis',
      rank: 1,
      list: listApis,
      parts: [api, tags, definition, stages],
      live: { find: findApi, create: createApi },
      notes: apiNotes,
    },
    domainsKind,
  ],
};
