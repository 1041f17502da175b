import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { accountResource } from './names.ts';
import type { Options } from './options.ts';
import { planCidrCollections } from './cidr-collections.ts';
import { planChecks } from './plan-checks.ts';
import { planZone } from './plan-zone.ts';
import { planTrafficInstances } from './traffic-instances.ts';
import { planTrafficPolicies } from './traffic-policies.ts';

export async function plan(context: RestoreContext<Options>, captured: CapturedResource): Promise<PlannedAction[]> {
  return captured.ref.name === accountResource
    ? await planAccount(context, captured)
    : await planZone(context, captured);
}

/** Checks before the traffic policies that look at them, policies before their instances. */
async function planAccount(context: RestoreContext<Options>, captured: CapturedResource): Promise<PlannedAction[]> {
  const idsOf = (actions: readonly PlannedAction[]): string[] => actions.map(({ id }) => id);
  const checks = await planChecks(context, captured);
  const collections = await planCidrCollections(context, captured);
  const policies = await planTrafficPolicies(context, captured, idsOf(checks));
  const instances = await planTrafficInstances(context, captured, idsOf(policies));
  return [...checks, ...collections, ...policies, ...instances];
}
