import { required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import { needed, type Creation, type QuotaUse } from '../quotas.ts';
import { iam } from './client.ts';
import type { Options } from './options.ts';
import { nameParts } from './restore-target.ts';

/** Kinds of resources with the names that GetAccountSummary has for their number; with `Quota` behind it for their limit. */
const counted: Readonly<Record<string, string>> = {
  user: 'Users',
  group: 'Groups',
  role: 'Roles',
  policy: 'Policies',
  'instance-profile': 'InstanceProfiles',
};

/** One call tells how many there are of each kind and may be (IAM API, GetAccountSummary). */
export async function quotas({ aws }: ConnectorContext<Options>, creations: readonly Creation[]): Promise<QuotaUse[]> {
  const { client, sdk } = await iam(aws);
  const answer = await required(client.send(new sdk.GetAccountSummaryCommand({})), 'GetAccountSummary', 'iam');
  const summary = (answer.SummaryMap ?? {}) as Readonly<Record<string, number>>;
  const created = creations.filter(({ action }) => action.operation === 'create');
  return needed(
    Object.entries(counted).flatMap(([kind, name]) => {
      const [used, limit] = [summary[name], summary[`${name}Quota`]];
      if (used === undefined || limit === undefined) return [];
      const ofKind = created.filter(({ captured }) => nameParts(captured.ref.name).kind === kind);
      return [{ what: `IAM ${kind === 'policy' ? 'policies' : `${kind}s`}`, needed: ofKind.length, used, limit }];
    }),
  );
}
