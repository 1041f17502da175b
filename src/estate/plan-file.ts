import { HoldfastError } from '../kernel/errors.ts';
import type { RestorePlan } from './contract.ts';

/** Skeleton: filled in next. A stored plan read back (restore --plan FILE); plan.invalid when it is none. */
export function parseRestorePlan(text: string): RestorePlan {
  throw new HoldfastError('plan.invalid', `not built yet: ${text.length}`);
}
