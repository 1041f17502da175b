import type { AccountLimitType } from '@aws-sdk/client-route-53';
import { required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import { homeOfGlobal } from '../service-quotas/limits.ts';
import { needed, type Creation, type QuotaUse } from '../quotas.ts';
import { route53 } from './client.ts';
import type { Options } from './options.ts';

const counted: readonly (readonly [AccountLimitType, string, string, string])[] = [
  ['MAX_HOSTED_ZONES_BY_OWNER', 'Route 53 zones', 'create-zone', 'L-4EA4796A'],
  ['MAX_HEALTH_CHECKS_BY_OWNER', 'Route 53 health checks', 'create-health-check', 'L-ACB674F3'],
];

/** Each limit comes with the number there is (Route 53 API, GetAccountLimit); asked only of what would be created. */
export async function quotas({ aws }: ConnectorContext<Options>, creations: readonly Creation[]): Promise<QuotaUse[]> {
  const { client, sdk } = await route53(aws);
  const uses: QuotaUse[] = [];
  for (const [Type, what, operation, code] of counted) {
    const created = creations.filter(({ action }) => action.operation === operation).length;
    if (created === 0) continue;
    const asking = client.send(new sdk.GetAccountLimitCommand({ Type }));
    const { Limit, Count } = await required(asking, 'GetAccountLimit', 'route53');
    const ask = { service: 'route53', code, region: homeOfGlobal(aws.region), adjustable: true };
    uses.push({ what, needed: created, used: Count ?? 0, limit: Limit?.Value ?? 0, ask });
  }
  return needed(uses);
}
