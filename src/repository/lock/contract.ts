/** How new objects of a repository are locked. The same for every writer of a repository, or the shortest counts. */
export interface LockSettings {
  /** `compliance`: nobody can shorten it. `governance`: whoever may bypass it can. */
  readonly mode: 'governance' | 'compliance';
  /** Every object that is needed is locked for at least so many days from the last snapshot or extension. */
  readonly days: number;
  /** Days on top whenever a lock is set, so that it need not be extended with every snapshot. Default: a fifth of `days`. */
  readonly ahead?: number;
}

export const dayMs = 86_400_000;
