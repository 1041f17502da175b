import type { ResourceRef } from '../../kernel/entry.ts';
import type { Moment } from '../../kernel/moment.ts';
import type { CaptureSink } from '../../kernel/capture.ts';
import type { SnapshotInfo, ResourceRecord, SourceRecord } from '../contract.ts';

export interface SessionSettings {
  readonly estate: string;
  readonly host: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Go on with the newest unfinished session of this estate; snapshot.nothing-to-resume when there is none. */
  readonly resume: boolean;
  /** Fingerprints count for nothing: all content is read again, and what the repository has of it is not stored again. */
  readonly reread?: boolean;
}

/** One writer's work up to a snapshot. Any number may run at the same time, on any number of machines. */
export interface Session {
  readonly id: string;
  /** When the capture began; that of the interrupted session after resume. */
  readonly startedAt: number;
  /** Resources an interrupted session had finished: `type/name` → record. Present after resume. */
  readonly finished: ReadonlyMap<string, ResourceRecord>;
  /** Of everything finished until now, in ascending order of `type/name`: what the snapshot will hold. */
  records(): readonly ResourceRecord[];
  resource(settings: ResourceSettings): Promise<ResourceSession>;
  /** Puts another record in the place of a finished resource's: what became of its recovery points. Throws internal.bug for others. */
  amend(key: string, record: ResourceRecord): void;
  /** Stores what is buffered, then the snapshot. The session ends. Throws and leaves the repository as it was otherwise. */
  commit(sources: readonly SourceRecord[]): Promise<SnapshotInfo>;
  /** Stores a checkpoint for --resume and ends the session. */
  suspend(): Promise<void>;
}

export interface ResourceSettings {
  readonly ref: ResourceRef;
  readonly source: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly site?: string;
  readonly environment?: string;
}

export interface ResourceSession {
  readonly sink: CaptureSink;
  /** Counters so far, for progress. */
  readonly progress: { readonly entries: number; readonly reused: number; readonly bytes: number };
  /**
   * Waits for everything added, closes the tree. `moment`: which one it shows, asked for once nothing is read any more. Fails with
   * the first error that is not an item's.
   */
  finish(moment?: () => Moment | undefined): Promise<ResourceRecord>;
}
