import type { RestoreContext } from '../contract.ts';
import type { Creation, QuotaLine } from '../quotas.ts';
import { countOf, serviceQuotas } from '../service-quotas/count.ts';
import { homeOfGlobal } from '../service-quotas/limits.ts';
import { listBuckets } from './discover.ts';
import type { S3BucketsOptions } from './options.ts';

/** Buckets of all regions count together, whatever the source selects of them. */
export async function quotas(
  context: RestoreContext<S3BucketsOptions>,
  creations: readonly Creation[],
): Promise<readonly QuotaLine[]> {
  const { aws } = context;
  return await serviceQuotas(aws.inRegion(homeOfGlobal(aws.region)), 's3', [
    {
      code: 'L-DC2B2D3D',
      what: 'S3 buckets',
      named: /buckets/i,
      needed: creations.filter(({ action }) => action.operation === 'create-bucket').length,
      used: async () => await countOf(listBuckets(context)),
    },
  ]);
}
