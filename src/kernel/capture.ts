import type { Attributes, CapturedResource, EntryKind, LedgerNote } from './entry.ts';
import type { HoldfastError } from './errors.ts';
import type { Json } from './json.ts';

/** Where a capture puts what it finds. */
export interface CaptureSink {
  /** The entries at the resource's root: config.json, function.zip. */
  readonly root: CollectionSink;
  /**
   * A sorted set of entries: `objects`, `versions`, `items`. Several may be filled at the same time.
   * `order: 'unsorted'`: keys may come in any order and are sorted by the sink, within bounded memory.
   * The root is always unsorted.
   */
  collection(name: string, settings?: { readonly order: 'sorted' | 'unsorted' }): CollectionSink;
  /** For what can tell its changes alone. Absent: the sink only compares, and everything must come whole. */
  readonly increment?: Increment;
  /** An item that could not be captured: the snapshot becomes partial and says so. `key` as in add. */
  fail(error: HoldfastError, item?: { readonly collection: string; readonly key: string | Uint8Array }): void;
  /** What will not come back as it is. */
  note(note: LedgerNote): void;
}

/** What a capture of changes alone goes on from. */
export interface Increment {
  /** The capture before this one, complete or not; absent where there is none that can be read. */
  readonly previous?: CapturedResource;
  /**
   * A collection that begins as `previous` had it: what is added, in any order, takes the place of what was there. `lost` is
   * called before the resource is finished where not all that was there can be read any more: it is missing then, and the
   * record is partial.
   */
  collection(name: string, lost: (error: HoldfastError) => void): IncrementSink;
}

export interface IncrementSink extends CollectionSink {
  /** Takes the entry out, whether it was there or came with `add`. */
  remove(key: string | Uint8Array): Promise<void>;
}

export interface CollectionSink {
  /**
   * Adds one entry. In a sorted collection keys come in strictly ascending byte order (throws internal.bug otherwise).
   * Resolves when there is room for the next one: await it (back-pressure). `load` runs later and concurrently with other
   * loads; entries are stored in order nevertheless. An item error thrown by `load` becomes `fail` for this key.
   */
  add(entry: NewEntry): Promise<void>;
  /**
   * Resolves when everything added so far is settled: no `load` of it runs any more, or will. For connectors whose loads need
   * something that must be held open meanwhile (a database's snapshot).
   */
  idle(): Promise<void>;
}

export interface NewEntry {
  /** Within the collection. Strings are UTF-8. `a/b` is shown as a path; a directory's key ends with `/`. */
  readonly key: string | Uint8Array;
  readonly kind: EntryKind;
  /**
   * Changes whenever the content or `details` may have changed (ETag + version id + size; mtime + ctime + inode + size).
   * Where it equals that of the same key in the previous snapshot, `load` and `file` are not used: content and details
   * are taken over. Absent: always read.
   */
  readonly fingerprint?: string;
  /** Facts known from the listing; renewed with each snapshot even when the content is reused. */
  readonly attributes?: Attributes;
  readonly secret?: boolean;
  /** Content at hand; documents go in as values and are stored as canonical JSON, rows as compact JSON. */
  readonly content?: Uint8Array;
  readonly document?: Json;
  /** Content still to be fetched. */
  readonly load?: () => Promise<LoadedContent>;
  /** A file on this machine, read by the repository's workers: the fast way. */
  readonly file?: FileSource;
}

export interface LoadedContent {
  readonly content?: Uint8Array | AsyncIterable<Uint8Array>;
  /** The bytes of `content` are all there is in their memory, and nobody reads them any more: they may move to another thread. */
  readonly ownsMemory?: boolean;
  readonly document?: Json;
  /** Facts that belong to the content: metadata, tags, content type. Asked for when the content was read: it may say them. */
  readonly details?: Attributes;
  /** Length the provider announced; a shorter stream is item.damaged. */
  readonly expectedSize?: number;
}

export interface FileSource {
  /** Absolute path in bytes. */
  readonly path: Uint8Array;
  /** What lstat said before. A file that changes while it is read is read again, and then is item.changed. */
  readonly size: number;
  readonly mtimeNs: bigint;
  /** A file of another inode is item.changed. Absent where inodes mean nothing: some network file systems. */
  readonly ino?: bigint;
}
