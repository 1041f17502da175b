import type { KMS } from '@aws-sdk/client-kms';
import { required } from '../aws/classify.ts';
import type { DocumentQuotas } from '../documents/contract.ts';
import { keyIds } from './listing.ts';

export const quotas: DocumentQuotas<KMS> = {
  service: 'kms',
  rows: [
    {
      kind: 'keys',
      code: 'L-C2F1777E',
      what: 'customer-managed KMS keys',
      named: /\bkeys\b/i,
      // AWS's own do not count, and each has an alias that begins so (KMS developer guide, AWS managed keys): two listings, and
      // no question for each key.
      async *there({ client }) {
        const ofAws = new Set<string>();
        let Marker: string | undefined;
        do {
          const page = await required(client.listAliases({ Limit: 100, Marker }), 'ListAliases', 'kms');
          for (const { AliasName = '', TargetKeyId = '' } of page.Aliases ?? [])
            if (AliasName.startsWith('alias/aws/')) ofAws.add(TargetKeyId);
          Marker = page.Truncated ? page.NextMarker : undefined;
        } while (Marker !== undefined);
        for await (const id of keyIds(client)) if (!ofAws.has(id)) yield id;
      },
    },
  ],
};
