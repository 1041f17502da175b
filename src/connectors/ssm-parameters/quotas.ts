import type { SSM } from '@aws-sdk/client-ssm';
import { required } from '../aws/classify.ts';
import type { DocumentedQuota, DocumentQuotas } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { files, type Metadata } from './parameter.ts';

/**
 * "Total number of parameters allowed (per AWS account and AWS Region)": 10,000 of the standard tier, 100,000 of the advanced
 * one (Systems Manager user guide, "Managing parameter tiers"). Those of intelligent tiering become advanced where they must.
 */
function ofTier(tier: 'Standard' | 'Advanced', limit: number): DocumentedQuota<SSM> {
  return {
    kind: '',
    what: `SSM parameters of the ${tier.toLowerCase()} tier`,
    limit,
    // Beyond the standard tier there is the advanced one.
    isFixed: tier === 'Standard',
    async takes(_kind, captured) {
      const metadata = (await captured.json('', files.metadata)) as unknown as Metadata | undefined;
      return (metadata?.Tier ?? 'Standard') === tier ? [''] : [];
    },
    async *there({ client }) {
      const ask = (NextToken?: string) =>
        required(client.describeParameters({ MaxResults: 50, NextToken }), 'DescribeParameters', 'ssm-parameters');
      for await (const { Parameters = [] } of pages(ask, (page) => page.NextToken))
        yield* Parameters.filter(({ Tier = 'Standard' }) => Tier === tier);
    },
  };
}

export const quotas: DocumentQuotas<SSM> = {
  documented: [ofTier('Standard', 10_000), ofTier('Advanced', 100_000)],
};
