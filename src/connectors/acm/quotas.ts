import type { ACM } from '@aws-sdk/client-acm';
import type { DocumentQuotas } from '../documents/contract.ts';
import { keeperOf, summaries } from './listing.ts';

const year = 365 * 24 * 60 * 60 * 1000;

/** Certificates that ACM issued; those that were imported do not return live. Counted without their tags. */
export const quotas: DocumentQuotas<ACM> = {
  service: 'acm',
  rows: [
    {
      kind: 'requested',
      code: 'L-F141DD1D',
      what: 'ACM certificates',
      named: /^acm certificates$/i,
      async *there({ client }) {
        for await (const one of summaries(client)) if (keeperOf(one) === 'aws') yield one;
      },
    },
    {
      kind: 'requested',
      code: 'L-DA1D8B98',
      // Those that were deleted count as well, and nothing tells them.
      what: 'ACM certificates requested within a year, not counting deleted ones',
      named: /last 365 days/i,
      async *there({ client, runtime }) {
        const since = runtime.clock.now() - year;
        for await (const one of summaries(client))
          if (keeperOf(one) === 'aws' && (one.CreatedAt?.getTime() ?? 0) >= since) yield one;
      },
    },
  ],
};
