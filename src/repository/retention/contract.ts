import type { KeepPeriod, KeepRules } from '../../kernel/keep-rules.ts';
import type { ErrorRecord } from '../../kernel/errors.ts';
import type { SnapshotInfo, SourceRecord } from '../contract.ts';

/** What retention looks at: one snapshot that could be read. */
export interface Candidate {
  readonly info: SnapshotInfo;
  readonly sources: readonly SourceRecord[];
  /** When the store says the snapshot was written, in ms since the epoch by the store's clock. */
  readonly storedAt: number;
}

/** Keep rules, and what they are for. */
export interface ForgetPolicy {
  /** Of the backup plan the rules come from. */
  readonly name?: string;
  readonly keep: KeepRules;
  /** The policy judges only snapshots all of whose sources are of this kind; absent: any. */
  readonly holds?: (source: SourceRecord) => boolean;
}

/** Why a snapshot is kept. */
export interface KeepReason {
  readonly rule:
    | KeepPeriod
    | 'within'
    | 'tag'
    /** It carries the tag `pin`. */
    | 'pinned'
    /** No newer complete snapshot holds all that this one holds completely. */
    | 'newest-complete'
    /** It holds sources the policy is not for. */
    | 'other-plan';
  /** `2026-11-20` of a daily one, `30d` of within, the tag, the pin's value. */
  readonly of: string;
  /** The sources it is kept for; empty: the snapshot as a whole. */
  readonly sources: readonly string[];
  /** The policy's name. */
  readonly plan?: string;
}

export interface Decision {
  readonly snapshot: SnapshotInfo;
  readonly action: 'keep' | 'forget';
  /** Empty where it is to be forgotten. */
  readonly reasons: readonly KeepReason[];
  /** Set where the snapshot's own time cannot be believed: when the store, and when this machine, says it is. */
  readonly doubt?: { readonly storedAt: number };
}

export interface ForgetSettings {
  readonly wanted:
    | { readonly type: 'ids'; readonly ids: readonly string[] }
    | {
        readonly type: 'policies';
        readonly estate: string;
        /** What the first one keeps nothing of is forgotten, unless another one keeps it. */
        readonly policies: readonly [ForgetPolicy, ...ForgetPolicy[]];
        /** Take each snapshot's own time for true: after all of a repository was copied, the store's times mean nothing. */
        readonly trustTimes?: boolean;
        /** Forget no other than these, whatever the policies say now: those that a person has seen and agreed to. */
        readonly only?: readonly string[];
      };
  /** Decide, and delete nothing. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
}

export interface ForgetReport {
  /** Oldest first. */
  readonly decisions: readonly Decision[];
  /** Ids that are deleted now; of a dry run, none. */
  readonly forgotten: readonly string[];
  /** Those that a retention lock, or the store, keeps: with the time (ms since the epoch) until when, where it is known. */
  readonly refused: readonly { readonly id: string; readonly until?: number; readonly error: ErrorRecord }[];
  /** Ids of snapshots of a newer format, and of those that cannot be read: left alone whatever was asked. */
  readonly hidden: readonly string[];
  readonly damaged: readonly string[];
}
