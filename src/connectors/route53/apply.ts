import type { CapturedResource } from '../../kernel/entry.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { applyCheck } from './apply-checks.ts';
import { applyZone } from './apply-zone.ts';
import { applyCidrCollection } from './cidr-collections.ts';
import { accountResource } from './names.ts';
import type { Options } from './options.ts';
import { applyTrafficInstance } from './traffic-instances.ts';
import { applyTrafficPolicy } from './traffic-policies.ts';

export async function apply(
  context: RestoreContext<Options>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  if (captured.ref.name === accountResource) {
    const { key = '', id = '' } = action.input as { readonly key?: string; readonly id?: string };
    if (action.operation === 'put-cidr-collection') return await applyCidrCollection(context, key, captured);
    if (action.operation === 'put-traffic-policy') return await applyTrafficPolicy(context, id, captured);
    if (action.operation === 'put-traffic-policy-instance') return await applyTrafficInstance(context, key, captured);
    return await applyCheck(context, action, captured);
  }
  return await applyZone(context, action, captured);
}
