import type { SNS } from '@aws-sdk/client-sns';
import { required } from '../aws/classify.ts';
import type { DocumentQuotas } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';

export const quotas: DocumentQuotas<SNS> = {
  service: 'sns',
  rows: [
    {
      kind: '',
      code: 'L-61103206',
      what: 'SNS topics',
      named: /topics/i,
      // Without tags, which the listing of a capture asks for each.
      async *there({ client }) {
        const ask = (NextToken?: string) => required(client.listTopics({ NextToken }), 'ListTopics', 'sns');
        for await (const { Topics = [] } of pages(ask, (page) => page.NextToken)) yield* Topics;
      },
    },
  ],
};
