import type { CapturedResource } from '../kernel/entry.ts';
import type { PlannedAction } from './contract.ts';

/** One limit of the account at the target, what is there, and what a restore would add. */
export interface QuotaUse {
  /** For people: `IAM roles`, `bytes of Lambda code`. */
  readonly what: string;
  readonly needed: number;
  readonly used: number;
  readonly limit: number;
  /** Where more is asked for; absent where nobody can say. */
  readonly ask?: QuotaAddress;
}

/** A quota as Service Quotas has it. */
export interface QuotaAddress {
  /** `s3`, `dynamodb`: Service Quotas' code of the service. */
  readonly service: string;
  /** `L-DC2B2D3D` */
  readonly code: string;
  /** Where it is shown and raised. */
  readonly region: string;
  readonly adjustable: boolean;
}

/** A limit, or in words why it is not known. */
export type QuotaLine = QuotaUse | { readonly unknown: string };

/** What a restore would create at one account and region: the action of a plan and what it is made from. */
export interface Creation {
  readonly action: PlannedAction;
  readonly captured: CapturedResource;
}

/** Uses of which something is needed at all: the rest is nobody's concern. */
export function needed(uses: readonly QuotaUse[]): QuotaUse[] {
  return uses.filter((use) => use.needed > 0);
}
