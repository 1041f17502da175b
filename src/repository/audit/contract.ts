import type { Json } from '../../kernel/json.ts';

/** Who did something, as far as their machine says. */
export interface Actor {
  readonly host: string;
  readonly user: string;
}

/** What is worth a record: whatever takes data out of a repository, deletes from it, or changes who can open it. */
export type AuditedAction =
  | 'restore'
  | 'forget'
  | 'prune'
  | 'repair'
  | 'copy'
  | 'lock.extend'
  | 'key.add'
  | 'key.rotate'
  | 'key.revoke'
  | 'key.rekey';

/** What it was done to: snapshot ids, counts, key slot labels. Never a secret. */
export type AuditDetails = Readonly<Record<string, Json>>;

/**
 * `intent` comes before the effect and `outcome` after it: an intent without an outcome belongs to a process that died in
 * between, or is still at work. `done` is one record for what is over.
 */
export type AuditPhase = 'intent' | 'outcome' | 'done';

/** One record of `audit/`, chained to the one before it by its digest. */
export interface AuditRecord {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: Actor;
  readonly action: AuditedAction;
  readonly phase: AuditPhase;
  /** Of an outcome: the number of its intent. */
  readonly intent?: number;
  readonly details: AuditDetails;
  /** Hex SHA-256 of the stored object of the record before it; empty for the first. */
  readonly previous: string;
}

/** The end of the log: kept elsewhere, it shows later that nothing before it was taken away. */
export interface AuditHead {
  readonly number: number;
  /** Hex SHA-256 of the stored object. */
  readonly digest: string;
}

export interface Audit {
  /** Stores one record, durably, before it resolves. Throws what the store throws. */
  record(action: AuditedAction, details: AuditDetails): Promise<void>;
  /**
   * Records the intent, does the work, records its outcome (`outcome` of the result, or the code of the error). Throws what
   * storing the intent throws, before anything is done, and what the work throws. An outcome that cannot be stored is told
   * as a notice: the effect has happened.
   */
  during<T>(
    action: AuditedAction,
    details: AuditDetails,
    work: () => Promise<T>,
    outcome?: (result: T) => AuditDetails,
  ): Promise<T>;
}

/** What is wrong with the log. */
export interface AuditProblem {
  /** Key of the object, or of where it should be. */
  readonly object: string;
  readonly problem: string;
}

export interface AuditReport {
  /** Oldest first; only those that can be read and are what their names say. */
  readonly records: readonly AuditRecord[];
  /** Undefined for an empty log. */
  readonly head: AuditHead | undefined;
  /** Empty: the chain is whole from the first record to the head. */
  readonly problems: readonly AuditProblem[];
  /** Numbers of intents without an outcome. */
  readonly unfinished: readonly number[];
}
