import type { CapturedResource } from '../../kernel/entry.ts';
import type { ActionOutcome, PlannedAction } from '../contract.ts';
import { applyDistribution } from './apply-distribution.ts';
import { applyShared } from './apply-shared.ts';
import { accountResource } from './discover.ts';
import type { Context } from './shared-target.ts';

export async function apply(
  context: Context,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  return captured.ref.name === accountResource
    ? await applyShared(context, action, captured)
    : await applyDistribution(context, action, captured);
}
