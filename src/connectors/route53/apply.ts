import type { CapturedResource } from '../../kernel/entry.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { applyCheck } from './apply-checks.ts';
import { applyZone } from './apply-zone.ts';
import { accountResource } from './names.ts';
import type { Options } from './options.ts';

export async function apply(
  context: RestoreContext<Options>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  if (captured.ref.name === accountResource) return await applyCheck(context, action, captured);
  return await applyZone(context, action, captured);
}
