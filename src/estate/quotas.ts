import type { Creation, QuotaUse } from '../connectors/quotas.ts';
import { HoldfastError, isItemError } from '../kernel/errors.ts';
import type { PlannedQuota } from './restore-contract.ts';
import type { LiveResource } from './restore-live.ts';
import type { LivePlan } from './restore-plan.ts';

/**
 * What the plan's creations would take of the limits of their accounts and regions, of the types that can tell. A call that is
 * refused leaves a line that says so: a restore does not fail because nobody may look.
 */
export async function plannedQuotas({ plan, steps }: LivePlan): Promise<PlannedQuota[]> {
  const groups = new Map<string, { readonly resource: LiveResource; readonly creations: Creation[] }>();
  for (const { id } of plan.actions) {
    const step = steps.get(id);
    if (step?.action.effect !== 'create' || !step.resource.live.quotas) continue;
    const { resource, action } = step;
    const { aws } = resource.context;
    const key = [resource.connector.type, aws.account, aws.region].join(' ');
    const group = groups.get(key) ?? { resource, creations: [] };
    group.creations.push({ action, captured: resource.captured });
    groups.set(key, group);
  }
  const found = await Promise.all(
    [...groups.values()].map(async ({ resource, creations }) => await quotasOf(resource, creations)),
  );
  return found.flat();
}

async function quotasOf({ connector, live, context }: LiveResource, creations: Creation[]): Promise<PlannedQuota[]> {
  const place = { type: connector.type, account: context.aws.account, region: context.aws.region };
  try {
    const uses = (await live.quotas?.(context, creations)) ?? [];
    return uses.map((use) => ({ ...place, ...use }));
  } catch (error) {
    if (!isItemError(error)) throw error;
    return [{ ...place, unknown: error.message }];
  }
}

/** `zones: would need 66 more, 12 exist, the quota is 50; ask for 78 (Service Quotas: route53 L-4EA4796A in us-east-1)`. */
export function quotaText({ what, needed, used, limit, ask }: QuotaUse): string {
  const text = `${what}: would need ${number(needed)} more, ${number(used)} exist, the quota is ${number(limit)}`;
  if (!ask || used + needed <= limit) return text;
  const place = `Service Quotas: ${ask.service} ${ask.code} in ${ask.region}`;
  return `${text}; ${ask.adjustable ? `ask for ${number(used + needed)}` : 'AWS does not raise it'} (${place})`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** Throws restore.over-quota where something would not fit, before anything is written. */
export function checkQuotas(quotas: readonly PlannedQuota[]): void {
  const over = quotas.filter((quota) => 'what' in quota && quota.used + quota.needed > quota.limit);
  if (over.length === 0) return;
  const lines = over.map((quota) => `${'what' in quota ? quotaText(quota) : ''} (${quota.account} ${quota.region})`);
  throw new HoldfastError(
    'restore.over-quota',
    `the account has no room for what would come back: ${lines.join('; ')}`,
  );
}
