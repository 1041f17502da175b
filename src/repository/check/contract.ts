/** Which packs and objects of WAL an earlier check, that was interrupted or ran out of time, has read and found whole. */
export interface CheckJournal {
  readonly done: ReadonlySet<string>;
  /** Notes one that was read and found whole. */
  add(pack: string): Promise<void>;
  /** Everything that was to be read has been: the next check begins anew. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export interface CheckSettings {
  /**
   * 0: structure only. 1: every byte. Between: that share of the packs; which ones moves on with each week, so that in
   * time all of them are read.
   */
  readonly readData: number;
  /** Id: only what this snapshot needs. */
  readonly snapshot?: string;
  /** Begins to read no more packs after so many milliseconds. The structure is always checked whole. */
  readonly timeLimit?: number;
  readonly journal?: CheckJournal;
  readonly signal?: AbortSignal;
}

/** What of a snapshot a damaged object touches. */
export interface Touched {
  /** Id of the snapshot. */
  readonly snapshot: string;
  /** `type/name`; absent: the snapshot as a whole, for nothing below can be reached. */
  readonly resource?: string;
  /** Entries that cannot be read, as far as they can be counted. */
  readonly lost: number;
  /** The first of them: `collection/key`. */
  readonly entries: readonly string[];
}

export interface DamagedObject {
  /** Key of the object. */
  readonly object: string;
  readonly problem: string;
  /** The first thousand, in order of snapshots. */
  readonly touches: readonly Touched[];
  /** How many more there are. */
  readonly more: number;
  /** A pack that its parity makes whole again: a repair does that first, and nothing of it is lost. */
  readonly healable?: true;
}

/** What is worth knowing and takes nothing from any snapshot. */
export type CheckNoteKind =
  /** An index object names packs that are not there; no snapshot needs them. */
  | 'dangling-index'
  /** Packs that no index object names: left by an interrupted session, or being written at the moment. */
  | 'orphan-packs'
  /** Bytes that were wrong when first read, and right when read again. */
  | 'flaky-read'
  /** Packs in an archive class, which were not read. */
  | 'frozen-packs'
  | 'newer-format'
  /** A damaged object that no snapshot needs: a checkpoint, a mark. */
  | 'damaged-aside'
  | 'foreign-object'
  /** Parity of a pack that is not what was written; a repair makes it again. */
  | 'damaged-parity'
  /** Packs without the parity that is asked for: stored before it was, or theirs was lost. */
  | 'missing-parity'
  /** An object with a second content under its key, or a needed one behind a deletion: the true version is still there. */
  | 'suspicious'
  /** The credentials may not list versions. */
  | 'versions-unread'
  /** The audit log is not what its chain says. No snapshot needs it. */
  | 'audit-chain'
  /** Others changed the repository while it was checked, too often to be sure. */
  | 'changing';

export interface CheckNote {
  readonly kind: CheckNoteKind;
  readonly object: string;
  readonly text: string;
}

/** What was seen of write-ahead logs. */
export interface WalChecked {
  readonly objects: number;
  /** As they are stored. */
  readonly bytes: number;
  /** Of these, those that were read whole; and those that were to be and were not, for want of time. */
  readonly read: number;
  readonly bytesRead: number;
  readonly left: number;
  /** WAL between what is stored that is missing or damaged: names of the first and the last segment. */
  readonly lost: readonly { readonly timeline: number; readonly from: string; readonly to: string }[];
}

export interface CheckReport {
  readonly snapshots: number;
  readonly packs: number;
  /** Different chunks that the snapshots need. */
  readonly chunks: number;
  readonly packsRead: number;
  /** Packs that were to be read and were not, for want of time. */
  readonly packsLeft: number;
  readonly bytesRead: number;
  /** Absent where one snapshot alone was checked. */
  readonly wal?: WalChecked;
  /** Empty: whole. */
  readonly damage: readonly DamagedObject[];
  readonly notes: readonly CheckNote[];
}

export interface VerifySettings {
  /** 0: structure only. 1: every byte. Between: that share of the packs. */
  readonly readData: number;
  readonly snapshot?: string;
  readonly signal?: AbortSignal;
}

export interface VerifyReport {
  readonly snapshots: number;
  readonly packs: number;
  readonly chunks: number;
  readonly bytesRead: number;
  /** What is damaged and which resources it touches. Empty: whole. */
  readonly damage: readonly {
    readonly object: string;
    readonly problem: string;
    readonly touches: readonly string[];
  }[];
}
