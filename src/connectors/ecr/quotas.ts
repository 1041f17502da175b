import type { ECR } from '@aws-sdk/client-ecr';
import { required } from '../aws/classify.ts';
import type { DocumentQuotas } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';

export const quotas: DocumentQuotas<ECR> = {
  service: 'ecr',
  rows: [
    {
      kind: 'repositories',
      code: 'L-CFEB8E8D',
      what: 'ECR repositories',
      named: /repositories/i,
      // Without tags, which the listing of a capture asks for each.
      async *there({ client }) {
        const ask = (nextToken?: string) =>
          required(client.describeRepositories({ maxResults: 1000, nextToken }), 'DescribeRepositories', 'ecr');
        for await (const { repositories = [] } of pages(ask, (page) => page.nextToken)) yield* repositories;
      },
    },
  ],
};
