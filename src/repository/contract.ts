import type { CapturedResource, LedgerNote, ResourceRef } from '../kernel/entry.ts';
import type { ParitySettings } from './parity/layout.ts';
import type { PackArchive } from './cold/contract.ts';
import type { StorageClass } from './format/header.ts';
import type { Activity, Alarm, AlarmSettings, Peaks, ResourceAlarm } from './alarms/contract.ts';
import type { Actor, Audit, AuditHead, AuditReport } from './audit/contract.ts';
import type { CheckReport, CheckSettings, VerifySettings, VerifyReport } from './check/contract.ts';
import type { RepositoryKeys } from './keys/contract.ts';
import type { CopyReport, CopySettings } from './copy/contract.ts';
import type { LockKeeping, LockSettings } from './lock/contract.ts';
import type { RepairReport, RepairSettings } from './repair/contract.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Moment } from '../kernel/moment.ts';
import type { RecoveryPoint } from '../kernel/recovery-point.ts';
import type { PruneReport, PruneSettings } from './prune/contract.ts';
import type { RepositoryStats, StatsSettings } from './stats/contract.ts';
import type { ClusterWal } from './wal/contract.ts';
import type { ForgetReport, ForgetSettings } from './retention/contract.ts';
import type { SessionSettings, Session } from './session/contract.ts';
import type { SettleSettings } from './settle/contract.ts';
import type { Difference, Comparable, ComparisonSession, FileWriter, EntryChange } from './read/contract.ts';

/** One snapshot as `snapshots/` lists it. */
export interface SnapshotInfo {
  /** 32 hex digits, sortable by time. */
  readonly id: string;
  readonly estate: string;
  /** Milliseconds since the epoch: when capture began and when it was committed. */
  readonly startedAt: number;
  readonly committedAt: number;
  readonly outcome: 'complete' | 'partial';
  readonly host: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly totals: Totals;
  /** The snapshot it was compared with while capturing. */
  readonly parent?: string;
  /** What looks wrong in it, compared with the one before: at most the first 50. Absent where nothing does. */
  readonly alarms?: readonly Alarm[];
  /** Sealed by a writer that cannot read: anybody who has or had a writer's key could have made it. */
  readonly writer?: true;
  /** Hex id of the repository it was made in, where this is a copy. Id and times are those it has there. */
  readonly copiedFrom?: string;
  /** Recovery points of its resources that the provider was still making. Absent: none. */
  readonly pendingPoints?: number;
  /** Id of the snapshot that was first committed, where this is that one with its recovery points followed further. */
  readonly settles?: string;
}

export interface Totals {
  readonly resources: number;
  readonly entries: number;
  /** Logical bytes of content. */
  readonly bytes: number;
  /** Entries taken over unread from the previous snapshot. */
  readonly reused: number;
  /** Bytes this snapshot added to the repository. */
  readonly storedBytes: number;
}

/** What a snapshot knows about one resource, without its entries. */
export interface ResourceRecord {
  readonly ref: ResourceRef;
  readonly tags: Readonly<Record<string, string>>;
  readonly site?: string;
  readonly environment?: string;
  readonly source: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outcome: 'complete' | 'partial';
  readonly entries: number;
  readonly bytes: number;
  readonly reused: number;
  /** Hex of the resource's tree: equal checksums mean equal entries. */
  readonly checksum: string;
  readonly ledger: readonly LedgerNote[];
  /** At most the first 100; `failed` counts all. */
  readonly failures: readonly { readonly code: string; readonly message: string; readonly item?: string }[];
  readonly failed: number;
  /** What the snapshot did to the resource, compared with the one before. Absent in records that do not tell. */
  readonly activity?: Activity;
  /** What looks wrong in it, compared with the snapshot before. Absent where nothing does. */
  readonly alarms?: readonly ResourceAlarm[];
  /** Recovery points that the provider keeps of it: those this snapshot asked for (with `run`), and those that plans of AWS Backup made. Absent: none. */
  readonly points?: readonly RecoveryPoint[];
  /** The moment it shows. Absent: its parts were read one after the other, from `startedAt` to `finishedAt`. */
  readonly moment?: Moment;
}

/** One source of the configuration within a snapshot: expected against captured. */
export interface SourceRecord {
  readonly source: string;
  readonly type: string;
  /** What of the source was asked for, where that was not all of it: selectors, `site=NAME`. */
  readonly selection?: string;
  /** Resources found by discovery; undefined where the listing itself failed. */
  readonly expected?: number;
  readonly captured: number;
  readonly partial: number;
  readonly failures: readonly { readonly code: string; readonly message: string; readonly resource?: string }[];
  /** The largest shares of its resources, or of their bytes, that went between two snapshots. */
  readonly usuallyGone?: Peaks;
  /** The barrier it was to begin in. Absent: none. */
  readonly barrier?: SourceBarrier;
}

/** What became of a barrier, for one of its sources; times in ms since the epoch, by the machine's clock. */
export interface SourceBarrier {
  readonly name: string;
  /**
   * Why it was released: all had `begun`, it had been held as long as is allowed (`max-hold`), it was `lost` before. `not-held`: it
   * could not be held at all.
   */
  readonly end: 'begun' | 'max-hold' | 'lost' | 'not-held';
  readonly heldAt?: number;
  readonly releasedAt?: number;
  /** `type/name` of what began while it was held, and of what did not. */
  readonly within: readonly string[];
  readonly missed: readonly string[];
}

export interface SnapshotReader {
  readonly info: SnapshotInfo;
  readonly sources: readonly SourceRecord[];
  /** Resources in ascending order of `type/name`; `prefix` selects: `s3-buckets/`. */
  resources(prefix?: string): AsyncIterable<ResourceRecord>;
  /** Opens `type/name`; undefined when the snapshot does not hold it. */
  resource(key: string): Promise<CapturedResource | undefined>;
}

export interface Repository {
  readonly id: string;
  readonly formatVersion: number;
  /** Oldest first. Snapshots of newer formats are counted in `hidden`, never touched; `damaged` are the ids of those that cannot be read. */
  snapshots(): Promise<{
    readonly list: readonly SnapshotInfo[];
    readonly hidden: number;
    readonly damaged: readonly string[];
  }>;
  /**
   * `SNAP`: an id prefix, `latest`, `latest~2`, or a time (newest at or before it). Throws snapshot.not-found,
   * snapshot.ambiguous, and repository.corrupt where a damaged snapshot could be the one that is meant.
   */
  find(reference: string, estate?: string): Promise<SnapshotInfo>;
  open(snapshot: SnapshotInfo): Promise<SnapshotReader>;
  diff(before: CapturedResource, after: CapturedResource): AsyncIterable<EntryChange>;
  startSession(settings: SessionSettings): Promise<Session>;
  compare(
    captured: CapturedResource,
    comparable: Comparable | undefined,
    onDifference: (difference: Difference) => void,
  ): ComparisonSession;
  fileWriter(): FileWriter;
  /** Who can open it. */
  readonly keys: RepositoryKeys;
  /** True when it was opened with a writer's key: a session is all there is. What reads throws repository.write-only. */
  readonly writeOnly: boolean;
  /**
   * Copies snapshots of this repository to another one, oldest first: only what is missing there. Interrupted copies go on
   * where they stopped. Damage here costs the snapshots it touches; what goes wrong at the target is thrown.
   */
  copyTo(target: Repository, settings: CopySettings): Promise<CopyReport>;
  verify(settings: VerifySettings): Promise<VerifyReport>;
  /**
   * Deletes what no snapshot needs: what is marked by one run is deleted by a run after the grace. Beside writers and readers.
   * Throws repository.corrupt and repository.newer-format where anything cannot be read, before anything is changed.
   */
  prune(settings: PruneSettings): Promise<PruneReport>;
  readonly lock: LockKeeping;
  /** The write-ahead log of the database cluster with this number, beside the snapshots. */
  wal(systemId: string): ClusterWal;
  /** Whether there is any, of whatever cluster. */
  hasWal(): Promise<boolean>;
  readonly audit: Audit & {
    /** Reads the audit log and follows its chain; `anchors` are heads noted earlier. */
    verify(anchors?: readonly AuditHead[]): Promise<AuditReport>;
  };
  /** Which data packs must be thawed before contents can be read; undefined where the store has no archive classes. */
  readonly archive: PackArchive | undefined;
  /**
   * Puts a snapshot with other records in the place of this one: `change` says for each what it is now. Contents, times and
   * tags stay. Returns the one that stands in the end, which is another's where somebody settled it further meanwhile.
   */
  settle(snapshot: SnapshotInfo, settings: SettleSettings): Promise<SnapshotInfo>;
  /** Deletes snapshots, by name or by keep rules; what only they needed stays until a pruner finds it. */
  forget(settings: ForgetSettings): Promise<ForgetReport>;
  /** What snapshots and sources need and take, and what nobody needs. Reads all trees. */
  stats(settings: StatsSettings): Promise<RepositoryStats>;
  /** The same with more to say: entries, notes, a time limit, going on where an earlier one stopped. */
  check(settings: CheckSettings): Promise<CheckReport>;
  /** Saves what can be saved of damaged packs, indexes and snapshots. */
  repair(settings: RepairSettings): Promise<RepairReport>;
  /** Ends the worker threads. The store belongs to whoever opened it. */
  close(): Promise<void>;
}

export interface RepositorySettings {
  readonly events: EventSink;
  /** Worker threads; default: the number of cores, at least 2, at most 8. */
  readonly workers?: number;
  /** Bytes in flight between threads and to the store (memory.ts); default 64 MiB, at least 16 MiB, at most 4 GiB. */
  readonly memory?: number;
  /** The index takes a quarter less memory, and startSession, prune and repair throw internal.bug. */
  readonly readOnly?: boolean;
  /** Storage class of new data packs; default STANDARD. Everything else stays in STANDARD. */
  readonly dataClass?: StorageClass;
  /** Lock every object that is written; absent: none. Throws storage.unsupported where the store has no locks. */
  readonly lock?: LockSettings;
  /** Makes a parity object beside each new pack, out of which `parity` of `data + parity` shards may be lost; default: none. */
  readonly parity?: ParitySettings;
  /** From when on a change is an alarm; `false`: never. What is not said is as in `defaultAlarms`. */
  readonly alarms?: Partial<AlarmSettings> | false;
  /** Who is at work, for the audit log. */
  readonly actor?: Actor;
  /** Where sorted runs that do not fit in memory go, encrypted; default: the system's temporary folder. */
  readonly temporaryFolder?: string;
}
