import type { SnapshotInfo } from '../contract.ts';

export interface StatsSettings {
  /** Id of a snapshot to look into more closely. */
  readonly snapshot?: string;
  readonly signal?: AbortSignal;
}

/**
 * What lies in a repository and what for. All figures are bytes or counts. Stored bytes are those of packs, compressed and
 * encrypted; a group of chunks of which only some are needed is divided by their plain lengths.
 */
export interface RepositoryStats {
  /** Oldest first. */
  readonly snapshots: readonly SnapshotStats[];
  readonly sources: readonly SourceStats[];
  /** Ids of snapshots that could not be looked into: what only they need counts as not needed. */
  readonly hidden: readonly string[];
  readonly damaged: readonly string[];
  /** What restoring every snapshot would write. */
  readonly logicalBytes: number;
  readonly needed: Amount;
  /** In packs that an index names, and no snapshot needs it. */
  readonly unneeded: { readonly chunks: number; readonly storedBytes: number };
  /** Headers and directories of packs. */
  readonly overheadBytes: number;
  readonly packs: { readonly data: Pile; readonly metadata: Pile };
  /** Packs in the store that no index names. */
  readonly orphans: Pile;
  readonly indexObjects: Pile;
  /** Write-ahead logs of databases, which no snapshot names. */
  readonly wal: Pile;
  /** Pages, lists and entries that are damaged, archived or of a newer format: what they name counts as not needed. */
  readonly unread: number;
  /** Of the snapshot that was named. */
  readonly detail?: SnapshotDetail;
}

export interface Pile {
  readonly count: number;
  readonly bytes: number;
}

export interface Amount {
  readonly chunks: number;
  /** Each chunk once, before compression. */
  readonly plainBytes: number;
  readonly storedBytes: number;
}

export interface SnapshotStats {
  readonly info: SnapshotInfo;
  /** What no other snapshot needs: what forgetting this one, and pruning, would free. */
  readonly unique: Amount;
}

export interface SourceStats {
  readonly estate: string;
  readonly source: string;
  readonly type: string;
  /** Snapshots that hold some of it. */
  readonly snapshots: number;
  /** In the newest of them. */
  readonly newest: { readonly resources: number; readonly entries: number; readonly bytes: number };
  /** What only this source needs, in all snapshots; what it shares with others is in none of them. */
  readonly own: Amount;
}

export interface SnapshotDetail {
  readonly info: SnapshotInfo;
  /** All that restoring it reads. */
  readonly needed: Amount;
  readonly sources: readonly {
    readonly source: string;
    readonly resources: number;
    readonly entries: number;
    readonly bytes: number;
    readonly needed: Amount;
    /** Of that, what no other snapshot needs. */
    readonly unique: Amount;
  }[];
}
