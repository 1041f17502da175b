import type { PlannedAction, RestoreMode } from '../connectors/contract.ts';
import type { QuotaLine } from '../connectors/quotas.ts';
import type { LedgerClass } from '../kernel/entry.ts';
import type { ErrorRecord } from '../kernel/errors.ts';
import type { RestoreEstimate } from './estimate.ts';
import type { Uncaptured } from './uncaptured.ts';

export interface RestoreRequest {
  /** `type/name[/collection][/path]`, '' for the whole snapshot. */
  readonly path: string;
  readonly site?: string;
  readonly to:
    | { readonly directory: string }
    /** `at`: ISO 8601; the data of that moment, of what the provider can take back to any. */
    | { readonly live: { readonly region?: string; readonly account?: string; readonly at?: string } };
  readonly mode: RestoreMode;
  readonly rename: readonly { readonly from: string; readonly to: string }[];
  /** Only what is this tenant's, of all that the configuration's `tenants` names; live only. */
  readonly tenant?: string;
}

/** A plan is a JSON file that can be reviewed, stored and applied later. Holds no secret. */
export interface RestorePlan {
  readonly schema: 1;
  readonly snapshot: string;
  readonly estate: string;
  readonly createdAt: string;
  readonly request: RestoreRequest;
  /** In the order in which they will be applied; an action may run once all it depends on are done. */
  readonly actions: readonly PlannedAction[];
  /** Resources that are not restored, and why. `failed`: something went wrong; otherwise they cannot return live at all. */
  readonly skipped: readonly {
    readonly resource: string;
    readonly reason: string;
    readonly failed?: true | undefined;
  }[];
  /** What was asked for and is not in the snapshot. Absent in plans of earlier versions. */
  readonly uncaptured?: readonly Uncaptured[] | undefined;
  readonly items: number;
  readonly bytes: number;
  /** Time and price of a live restore, roughly. Absent for directories. */
  readonly estimate?: RestoreEstimate;
  /** What its creations take of limits of the account; restore.over-quota when one does not fit. Absent for directories. */
  readonly quotas?: readonly PlannedQuota[];
  /** What is known beforehand not to come back unchanged. */
  readonly ledger: readonly LedgerLine[];
  /** Fingerprint of what the plan saw at the target: plan.stale when it differs at apply. */
  readonly targetState: string;
  /** What the plan was when it was made: shows what was edited since (plan-edit.ts). */
  readonly seal: PlanSeal;
  /** Ids of actions that were removed from the stored plan: they are not done. */
  readonly leftOut?: readonly string[];
}

/** A limit at the target, or why it could not be looked at. */
export type PlannedQuota = QuotaPlace & QuotaLine;

interface QuotaPlace {
  readonly type: string;
  readonly account: string;
  readonly region: string;
}

/** Fingerprints of the parts of a plan. */
export interface PlanSeal {
  readonly rename: string;
  /** Of what may not be edited. */
  readonly rest: string;
  /** By action id. */
  readonly actions: Readonly<Record<string, string>>;
}

export interface LedgerLine {
  readonly resource: string;
  readonly class: LedgerClass;
  readonly what: string;
  readonly why?: string;
  readonly action?: string;
  readonly count?: number;
}

export interface RestoreReport {
  readonly schema: 1;
  readonly snapshot: string;
  readonly outcome: 'complete' | 'partial';
  readonly applied: number;
  readonly unchanged: number;
  readonly items: number;
  readonly bytes: number;
  readonly ledger: readonly LedgerLine[];
  readonly identities: readonly { readonly from: string; readonly to: string }[];
  readonly failures: readonly ErrorRecord[];
  /** What was asked for and is not in the snapshot: makes the restore partial. */
  readonly uncaptured: readonly Uncaptured[];
}
