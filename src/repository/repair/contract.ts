export interface RepairSettings {
  /** Says what would be done, and changes nothing. Chunks of damaged packs that lie elsewhere than the index says count as lost. */
  readonly dryRun: boolean;
  /** Share of the packs whose bytes are read first, as for a check: damage that was not found is not repaired. */
  readonly readData: number;
  /** Deletes damaged snapshots and packs once all that could be saved of them is stored. */
  readonly removeDamaged: boolean;
  readonly signal?: AbortSignal;
}

/** A pack that is missing, damaged, or being deleted. */
export interface SalvagedPack {
  readonly pack: string;
  readonly problem: string;
  /** Chunks that are whole in it and nowhere else: stored again. */
  readonly chunks: number;
  readonly bytes: number;
}

/** A snapshot whose trees are damaged. */
export interface RepairedSnapshot {
  readonly id: string;
  /** The new one beside it; absent where nothing of it could be saved, and in a dry run. */
  readonly repaired?: string;
  /** True when an earlier repair had made the same one. */
  readonly existed: boolean;
  readonly resources: { readonly whole: number; readonly partial: number; readonly lost: number };
  /** Entries that the new one has, and that are lost. */
  readonly entries: number;
  readonly lost: number;
}

/** Write-ahead log that is missing or damaged between what is stored: no repair brings it back. */
export interface LostWalRange {
  readonly timeline: number;
  /** Names of the first and the last segment. */
  readonly from: string;
  readonly to: string;
  /**
   * Milliseconds since the epoch, by the server's clock: base backups made before `after` restore up to there, and no further; moments up
   * to `before` are lost. Absent where nothing tells.
   */
  readonly after?: number;
  readonly before?: number;
}

export interface RepairReport {
  readonly dryRun: boolean;
  /** Damaged packs that are as they were, out of their parity. What follows is about what is damaged nevertheless. */
  readonly healed: readonly string[];
  /** Packs whose parity was missing or damaged, and was made again. */
  readonly parity: readonly string[];
  /** Packs that snapshots need and no readable index object named: indexed again. */
  readonly indexed: readonly string[];
  /** Index objects that were damaged or named packs that are not there: replaced. */
  readonly replacedIndexes: readonly string[];
  readonly salvaged: readonly SalvagedPack[];
  readonly snapshots: readonly RepairedSnapshot[];
  /** Ids of snapshots whose own object cannot be read: nothing of them can be saved. */
  readonly unreadable: readonly string[];
  readonly wal: readonly LostWalRange[];
  /** Keys of damaged objects that were deleted, or in a dry run would be. */
  readonly removed: readonly string[];
  /** What could not be done, and why. */
  readonly left: readonly { readonly object: string; readonly why: string }[];
}
