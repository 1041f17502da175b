import type { ObjectLock } from '../../storage/contract.ts';
import type { WalRange } from '../wal/contract.ts';

/** How new objects of a repository are locked. Every writer of a repository should have the same. */
export interface LockSettings {
  /** `compliance`: nobody can shorten it. `governance`: whoever may bypass it can. */
  readonly mode: ObjectLock['mode'];
  /** Every object that is needed stays locked for at least so many days after the last snapshot or extension. */
  readonly days: number;
  /** Days on top whenever a lock is set, so that not every snapshot has to extend it. Default: a fifth of `days`. */
  readonly ahead?: number;
}

export const dayMs = 86_400_000;

export interface ExtendSettings {
  /** Ids. Only these and what they need; absent: all that is kept. */
  readonly snapshots?: readonly string[];
  /** Ms since the epoch; absent: the days of the lock settings, from now. Not before that. */
  readonly until?: number;
  /** Snapshots that are not kept are not extended (what they share with others is). Default: all are. */
  readonly keeps?: (snapshot: string) => boolean;
  /**
   * WAL that base backups need. Of clusters that are not named all is kept, with `snapshots` nothing. Not extended: what lies outside, and
   * parts of blocks that are stored whole.
   */
  readonly wal?: readonly WalRange[];
  /** Calls to the store per second at most; default 100. */
  readonly perSecond?: number;
  /** Plan only. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** An object that looks as if somebody meant to hide or replace it. */
export interface Suspicion {
  readonly key: string;
  readonly problem: string;
}

/** Objects deleted (and still there as versions) since locks were last recorded. */
export interface DeletedObjects {
  readonly snapshots: number;
  readonly packs: number;
  /** Objects of WAL: `wal prune` deletes them by right. */
  readonly wal: number;
  /** Configuration, key slots, index and audit objects. */
  readonly others: number;
}

/** What an extension would do, as far as the records of earlier ones tell. */
export interface ExtensionPlan {
  /** What locks would be set to: ms since the epoch. */
  readonly lockedUntil: number;
  /** Objects that would be asked for, and extended where their lock ends too early. */
  readonly folders: readonly PlannedObjects[];
  /** Requests to the store for that, at most. */
  readonly requests: { readonly reads: number; readonly writes: number };
}

export interface PlannedObjects {
  /** `data/`, `snapshots/`, … */
  readonly folder: string;
  readonly objects: number;
  /** Those of which no record says how long they are locked. */
  readonly unrecorded: number;
  /** The first recorded lock to end: ms since the epoch. */
  readonly earliest?: number;
}

export interface ExtendReport {
  /** What every object in question is locked until, at least: ms since the epoch. */
  readonly until: number;
  readonly objects: number;
  /** Locked long enough, as the records of earlier extensions or the store said. */
  readonly enough: number;
  /** With a dry run: what would be extended, as far as the records tell. */
  readonly extended: number;
  /** Objects whose lock could not be extended, and why: at most the first 100. */
  readonly failures: readonly Suspicion[];
  readonly failed: number;
  readonly suspicions: readonly Suspicion[];
  /** Of stores that keep versions. */
  readonly deleted: DeletedObjects;
  /** Of a dry run. */
  readonly plan?: ExtensionPlan;
}

export interface LockStatus {
  readonly settings: LockSettings;
  readonly objects: number;
  /** Objects whose lock is recorded; the others are asked for by the next extension. */
  readonly recorded: number;
  /** Ms since the epoch: the first recorded lock of a needed object to end. */
  readonly earliest: number | undefined;
  /** Recorded locks that end too early: the next extension makes them longer. */
  readonly due: number;
  /** Locks read back from the store: how many, and those that end before their record says. */
  readonly readBack: number;
  readonly weaker: readonly Suspicion[];
  /** What is wrong with the bucket: settings under which data could expire early. */
  readonly problems: readonly string[];
  readonly suspicions: readonly Suspicion[];
  /** Of stores that keep versions. */
  readonly deleted: DeletedObjects;
}

export interface LockKeeping {
  /** Extends the locks of what is needed. Throws usage.invalid where no lock is configured, config.invalid where the bucket defeats it. */
  extend(settings: ExtendSettings): Promise<ExtendReport>;
  /** `readBack`: share of the locks to compare with what the store says, 0 to 1. `wal`: as for an extension. */
  status(readBack: number, wal?: readonly WalRange[]): Promise<LockStatus>;
}
