import type { ResourceRecord, SnapshotInfo, SourceRecord } from '../contract.ts';
import type { Session } from './contract.ts';
import type { ContentWriter } from '../engine/content-writer.ts';
import type { Roots } from './record.ts';

/** How a session takes in resources whose trees are made elsewhere: those of another repository's snapshot. */
export interface SessionImport {
  readonly writer: ContentWriter;
  /** Stores a metadata chunk; returns its id at once. */
  storeMetadata(bytes: Uint8Array): Uint8Array;
  /** Stores a data chunk as it is, uncut; returns its id at once. For the few that are too small for the workers. */
  storeData(bytes: Uint8Array): Uint8Array;
  /** Waits while too much is on its way; may write a checkpoint. */
  breathe(): void | Promise<void>;
  /** What an interrupted session had stored of a resource's collections. */
  interrupted(key: string): Roots | undefined;
  /** Names what is complete of a resource so far, for checkpoints. */
  begin(key: string, partial: () => Roots): void;
  finish(key: string, record: ResourceRecord, roots: Roots): void;
}

/** What a snapshot is committed as, instead of what the session would make of it; its totals where it says them. */
export type CommittedAs = Omit<SnapshotInfo, 'totals'> & Partial<Pick<SnapshotInfo, 'totals'>>;

export interface ImportingSession extends Session {
  readonly import: SessionImport;
  commit(sources: readonly SourceRecord[], as?: CommittedAs): Promise<SnapshotInfo>;
}
