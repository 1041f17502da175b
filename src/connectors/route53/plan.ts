import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { accountResource } from './names.ts';
import type { Options } from './options.ts';
import { planChecks } from './plan-checks.ts';
import { planZone } from './plan-zone.ts';

export async function plan(context: RestoreContext<Options>, captured: CapturedResource): Promise<PlannedAction[]> {
  return captured.ref.name === accountResource
    ? await planChecks(context, captured)
    : await planZone(context, captured);
}
