import type { RestoreContext } from '../contract.ts';
import type { Creation, QuotaLine } from '../quotas.ts';
import { countOf, serviceQuotas } from '../service-quotas/count.ts';
import { tableNames } from './discover.ts';
import type { DynamoOptions } from './options.ts';

/** Tables of the region. Replicas that a table gets in other regions are not counted there. */
export async function quotas(
  context: RestoreContext<DynamoOptions>,
  creations: readonly Creation[],
): Promise<readonly QuotaLine[]> {
  return await serviceQuotas(context.aws, 'dynamodb', [
    {
      code: 'L-F98FE922',
      what: 'DynamoDB tables',
      named: /tables/i,
      needed: creations.filter(({ action }) => /^(create|import|restore)-table$/.test(action.operation)).length,
      used: async () => await countOf(tableNames(context)),
    },
  ]);
}
