import type { ListServiceQuotasResponse } from '@aws-sdk/client-service-quotas';
import { optional } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';
import { pages } from '../documents/pages.ts';

/** Declared by each connector that asks. */
export const quotaCalls = [
  call('servicequotas', 'ListServiceQuotas'),
  call('servicequotas', 'ListAWSDefaultServiceQuotas'),
];

/** What Service Quotas says of one quota. */
export interface Limit {
  /** Service Quotas' own name of it. */
  readonly name: string;
  readonly value: number;
  readonly adjustable: boolean;
}

interface Request {
  readonly ServiceCode: string;
  readonly MaxResults: number;
  readonly NextToken: string | undefined;
}

type Answer = Pick<ListServiceQuotasResponse, 'Quotas' | 'NextToken'>;

/**
 * The quotas of one service in one region, by code; those that are not told are not in it. One listing, until all are found, of
 * the values that were applied to the account; where there are none ("if the applied quota value is not available for a quota,
 * the quota is not retrieved", ListServiceQuotas), the defaults of AWS. Throws item errors where it is denied.
 */
export async function limitsOf(
  aws: AwsAccess,
  service: string,
  codes: readonly string[],
): Promise<ReadonlyMap<string, Limit>> {
  const sdk = await import('@aws-sdk/client-service-quotas');
  const client = aws.client(sdk.ServiceQuotas);
  const found = new Map<string, Limit>();
  const isMissing = (): boolean => codes.some((code) => !found.has(code));
  const take = async (operation: string, ask: (page: Request) => Promise<Answer>): Promise<void> => {
    const page = async (NextToken?: string): Promise<Answer | undefined> => {
      const asking = ask({ ServiceCode: service, MaxResults: 100, NextToken });
      // No quota of the service is known in this region.
      return await optional(asking, operation, `quotas of ${service}`, 'NoSuchResourceException');
    };
    for await (const answer of pages(page, (one) => (isMissing() ? one?.NextToken : undefined)))
      for (const { QuotaCode = '', QuotaName = '', Value, Adjustable } of answer?.Quotas ?? [])
        if (codes.includes(QuotaCode) && Value !== undefined && !found.has(QuotaCode))
          found.set(QuotaCode, { name: QuotaName, value: Value, adjustable: Adjustable === true });
  };
  await take('ListServiceQuotas', (request) => client.listServiceQuotas(request));
  if (isMissing()) await take('ListAWSDefaultServiceQuotas', (request) => client.listAWSDefaultServiceQuotas(request));
  return found;
}

/**
 * Where quotas of what has no region are told: "can only be viewed and managed from US East (N. Virginia)", AWS GovCloud
 * (US-West) and China (Beijing) (S3 user guide, general purpose bucket quotas).
 */
export function homeOfGlobal(region: string): string {
  if (region.startsWith('us-gov-')) return 'us-gov-west-1';
  return region.startsWith('cn-') ? 'cn-north-1' : 'us-east-1';
}
