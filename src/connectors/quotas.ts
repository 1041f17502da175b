import type { CapturedResource } from '../kernel/entry.ts';
import type { PlannedAction } from './contract.ts';

/** One limit of the account at the target, what is there, and what a restore would add. */
export interface QuotaUse {
  /** For people: `IAM roles`, `bytes of Lambda code`. */
  readonly what: string;
  readonly needed: number;
  readonly used: number;
  readonly limit: number;
}

/** What a restore would create at one account and region: the action of a plan and what it is made from. */
export interface Creation {
  readonly action: PlannedAction;
  readonly captured: CapturedResource;
}

/** Uses of which something is needed at all: the rest is nobody's concern. */
export function needed(uses: readonly QuotaUse[]): QuotaUse[] {
  return uses.filter((use) => use.needed > 0);
}
