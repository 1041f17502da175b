/** Some bytes of one timeline's write-ahead log, as one object of the store. Its name says all of this but the size. */
export interface WalRun {
  readonly timeline: number;
  /** Positions in the log, in bytes since its beginning; the end is the first byte after. */
  readonly start: bigint;
  readonly end: bigint;
  /** Bytes of the object. */
  readonly storedBytes: number;
  /** Milliseconds since the epoch, by the store's clock. */
  readonly storedAt: number;
}

/** What is stored of a run besides its place. */
export interface WalContent {
  readonly bytes: Uint8Array;
  /** Bytes of a segment of this cluster. */
  readonly segmentSize: number;
  /** Milliseconds since the epoch, by the server's clock: when it sent the last of these bytes. 0 where it did not say. */
  readonly sentAt: number;
}

/** Which name of an object of WAL: a run, or the history of a timeline. */
export type WalName = Pick<WalRun, 'timeline' | 'start' | 'end'>;

/** The part of a cluster's WAL that counts: what ends after `from` and begins before `to` (absent: no end), on every timeline. */
export interface WalRange {
  readonly systemId: string;
  readonly from: bigint;
  readonly to?: bigint;
}

/** No run crosses a multiple of this, so that a whole block can take the place of the runs within it. */
export const walBlock = 16n * 1024n * 1024n;

/**
 * The write-ahead log of one database cluster: write-once objects beside the snapshots (docs/format.md, 4.8). Runs may lie over each
 * other: where they do, they are equal. Putting needs no more than a writer's key; reading throws repository.write-only then.
 */
export interface ClusterWal {
  /**
   * Stores a run, durably. One of the same name and the same content is no error. Throws wal.diverged where another content has the
   * name, storage.exists where a writer's key cannot tell, and what the store throws.
   */
  put(timeline: number, start: bigint, content: WalContent): Promise<WalRun>;
  /** Stores the history of a timeline; otherwise as `put`. */
  putHistory(timeline: number, text: string): Promise<void>;
  /** Runs in ascending order of their starts, of all blocks or of that of a position; what has another name is left out. */
  runs(timeline: number, blockOf?: bigint): AsyncIterable<WalRun>;
  /** Timelines with runs or a history, ascending. */
  timelines(): Promise<readonly number[]>;
  /** Throws repository.corrupt for an object that is not what its name says. */
  read(run: WalName): Promise<WalContent>;
  /** Undefined where it is not stored. */
  history(timeline: number): Promise<string | undefined>;
  /** Removes an object; missing is no error. Throws storage.locked while a retention lock holds. */
  remove(run: WalName): Promise<void>;
}
