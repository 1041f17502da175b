import { required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import { homeOfGlobal } from '../service-quotas/limits.ts';
import { needed, type Creation, type QuotaUse } from '../quotas.ts';
import { iam } from './client.ts';
import type { Options } from './options.ts';
import { nameParts } from './restore-target.ts';

/**
 * Kinds of resources with the names that GetAccountSummary has for their number, with `Quota` behind it for their limit; and
 * where Service Quotas raises it.
 */
const counted: Readonly<Record<string, { readonly name: string; readonly code: string }>> = {
  user: { name: 'Users', code: 'L-F55AF5E4' },
  group: { name: 'Groups', code: 'L-F4A5425F' },
  role: { name: 'Roles', code: 'L-FE177D64' },
  policy: { name: 'Policies', code: 'L-E95E4862' },
  'instance-profile': { name: 'InstanceProfiles', code: 'L-6E65F664' },
};

/** One call tells how many there are of each kind and may be (IAM API, GetAccountSummary). */
export async function quotas({ aws }: ConnectorContext<Options>, creations: readonly Creation[]): Promise<QuotaUse[]> {
  const { client, sdk } = await iam(aws);
  const answer = await required(client.send(new sdk.GetAccountSummaryCommand({})), 'GetAccountSummary', 'iam');
  const summary = (answer.SummaryMap ?? {}) as Readonly<Record<string, number>>;
  const created = creations.filter(({ action }) => action.operation === 'create');
  return needed(
    Object.entries(counted).flatMap(([kind, { name, code }]) => {
      const [used, limit] = [summary[name], summary[`${name}Quota`]];
      if (used === undefined || limit === undefined) return [];
      const ofKind = created.filter(({ captured }) => nameParts(captured.ref.name).kind === kind);
      const what = `IAM ${kind === 'policy' ? 'policies' : `${kind}s`}`;
      const ask = { service: 'iam', code, region: homeOfGlobal(aws.region), adjustable: true };
      return [{ what, needed: ofKind.length, used, limit, ask }];
    }),
  );
}
