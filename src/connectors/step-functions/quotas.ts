import type { SFN } from '@aws-sdk/client-sfn';
import { required } from '../aws/classify.ts';
import type { DocumentQuotas } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';

/** Counted without tags, which the listings of a capture ask for each. */
export const quotas: DocumentQuotas<SFN> = {
  service: 'states',
  rows: [
    {
      kind: 'state-machines',
      code: 'L-B66B0F91',
      what: 'state machines',
      named: /state machines/i,
      async *there({ client }) {
        const ask = (nextToken?: string) =>
          required(client.listStateMachines({ maxResults: 1000, nextToken }), 'ListStateMachines', 'step-functions');
        for await (const { stateMachines = [] } of pages(ask, (page) => page.nextToken)) yield* stateMachines;
      },
    },
    {
      kind: 'activities',
      code: 'L-A9562A73',
      what: 'Step Functions activities',
      named: /activities/i,
      async *there({ client }) {
        const ask = (nextToken?: string) =>
          required(client.listActivities({ maxResults: 1000, nextToken }), 'ListActivities', 'step-functions');
        for await (const { activities = [] } of pages(ask, (page) => page.nextToken)) yield* activities;
      },
    },
  ],
};
