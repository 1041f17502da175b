import type { DocumentQuotas } from '../documents/contract.ts';
import type { Cognito } from './calls.ts';
import { pools } from './pool.ts';

export const quotas: DocumentQuotas<Cognito> = {
  service: 'cognito-idp',
  rows: [
    {
      kind: '',
      code: 'L-66E6DF30',
      what: 'Cognito user pools',
      named: /user pools/i,
      async *there(scene) {
        yield* await pools(scene);
      },
    },
  ],
};
