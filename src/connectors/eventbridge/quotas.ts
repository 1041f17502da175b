import type { EventBridge } from '@aws-sdk/client-eventbridge';
import { optional } from '../aws/classify.ts';
import type { DocumentQuotas } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { partsOf } from './targets.ts';

export const quotas: DocumentQuotas<EventBridge> = {
  service: 'events',
  rows: [
    {
      kind: 'rules',
      code: 'L-244521F2',
      what: 'EventBridge rules',
      named: /rules/i,
      // "Maximum number of rules an account can have per event bus" (EventBridge quotas).
      async takes(kind, _, name) {
        return await Promise.resolve(kind === 'rules' ? [`the bus ${partsOf(name).EventBusName}`] : []);
      },
      async *there({ client }, group) {
        const EventBusName = group.slice('the bus '.length);
        const ask = (NextToken?: string) => {
          const asking = client.listRules({ EventBusName, Limit: 100, NextToken });
          // A bus that is restored as well has none yet.
          return optional(asking, 'ListRules', `eventbridge/${EventBusName}`, 'ResourceNotFoundException');
        };
        for await (const page of pages(ask, (one) => one?.NextToken)) yield* page?.Rules ?? [];
      },
    },
  ],
};
