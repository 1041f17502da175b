import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction } from '../contract.ts';
import { accountResource } from './discover.ts';
import { planDistribution } from './plan-distribution.ts';
import { planShared } from './plan-shared.ts';
import type { Context } from './shared-target.ts';

export async function plan(context: Context, captured: CapturedResource): Promise<PlannedAction[]> {
  return captured.ref.name === accountResource
    ? await planShared(context, captured)
    : await planDistribution(context, captured);
}
