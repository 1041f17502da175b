/**
 * Where bytes lie. Every implementation and decorator passes `describeObjectStore` in conformance.ts.
 *
 * Required semantics
 * - Durability on return: when `put` resolves, the object survives a crash of this machine (fsync of file and directory).
 * - Whole objects or nothing: no reader ever sees a part of an object; a failed put leaves nothing under the key.
 * - Read-after-write and list-after-write: what a put resolved for is seen by every later get, stat and list, from anywhere.
 * - `ifAbsent` and `ifMatch` are decided atomically by the store: of many contenders exactly one wins, the others get
 *   storage.exists / storage.precondition. A `409 Conflict` of S3 is retried, a `412` is settled, 404 on ifMatch means absent.
 * - Errors are HoldfastErrors with storage.* codes; the retriable ones are those the table calls retriable.
 * - A get of an archived object is storage.frozen; stat and list tell its class and never wait.
 * Keys are ASCII: `[a-z0-9/._-]`, no leading slash, no empty, `.` or `..` segment.
 */
export interface ObjectStore {
  /** For people: `./vault`, `s3://bucket/prefix`. Holds no credentials. */
  readonly address: string;
  readonly capabilities: StoreCapabilities;
  /** The whole object, or the `range` of it. A range past the end is storage.truncated. Missing: storage.not-found. */
  get(key: string, range?: ByteRange): Promise<Uint8Array>;
  /** Stores the concatenation of `parts`. */
  put(key: string, parts: readonly Uint8Array[], options?: PutOptions): Promise<PutResult>;
  /** Objects under the prefix in ascending order of their keys. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Undefined when there is none. */
  stat(key: string): Promise<StoredObject | undefined>;
  /** Removes the object; missing is no error. With ifMatch: storage.precondition unless the version is still that. */
  delete(key: string, options?: { readonly ifMatch?: string }): Promise<void>;
  close(): Promise<void>;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface PutOptions {
  readonly ifAbsent?: boolean;
  /** Version (ETag) the object must still have. */
  readonly ifMatch?: string;
  /** S3 storage class; stores without classes ignore it, others refuse an unknown one with storage.unsupported. */
  readonly storageClass?: string;
  /** Retention lock until (ms since epoch); stores without locks throw storage.unsupported. */
  readonly retain?: ObjectLock;
}

export interface PutResult {
  readonly version: string;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** Opaque; changes with every overwrite. */
  readonly version: string;
  /** Milliseconds since the epoch, by the store's own clock. */
  readonly modifiedAt: number;
  /** S3 storage class, where the store has classes; absent means STANDARD. */
  readonly storageClass?: string;
}

/** How fast an archived object is made readable, from cheap to dear. */
export const thawTiers = ['bulk', 'standard', 'expedited'] as const;
export type ThawTier = (typeof thawTiers)[number];

/**
 * `readable`: never archived. `frozen`: a get is refused with storage.frozen until it is thawed. `thawing`: asked for and
 * on its way. `thawed`: readable until the copy expires.
 */
export interface ThawState {
  readonly state: 'readable' | 'frozen' | 'thawing' | 'thawed';
  /** Of a thawed object: when it freezes again, ms since the epoch; absent where it stays. */
  readonly until?: number;
}

/** Archive classes, whose objects must be thawed before they can be read. */
export interface ThawCapability {
  /**
   * Asks for a readable copy for `days` days. One that is on its way is left as it is, and of one that is there the days
   * begin anew: asking twice is no error.
   * Throws storage.unsupported for a tier the class does not have, storage.not-found, storage.throttled.
   */
  thaw(key: string, request: { readonly days: number; readonly tier: ThawTier }): Promise<void>;
  /** Throws storage.not-found. */
  thawState(key: string): Promise<ThawState>;
}

/** Objects that are written in pieces, by whoever makes them, before their key is known. */
export interface StageCapability {
  /** Makes ready. Files of this machine whose path begins with the answer are the caller's to create and write. */
  prepare(): Promise<string>;
  /** Makes the file at `path` durable and gives it its key, as `put` would. It is gone from `path` then; on failure it stays for another attempt. */
  put(path: string, key: string, options?: PutOptions): Promise<PutResult>;
  /** Removes what is left of the files that begin with `prefix`. */
  discard(prefix: string): Promise<void>;
}

export interface StoreCapabilities {
  /** Retention locks can be set and extended. */
  readonly lock: boolean;
  readonly storageClasses: boolean;
  /** Where objects can lie in archive classes. */
  readonly archive?: ThawCapability;
  /** Directory stores: the file behind a key, so that workers may read ranges themselves. */
  readonly filePath?: (key: string) => string;
  /** Directory stores: workers write packs themselves, so that none is held in memory. */
  readonly stage?: StageCapability;
  /** Extends a retention lock; never shortens it. Of the current version, or of the one named. */
  readonly extendLock?: (key: string, until: number, mode: LockMode, versionId?: string) => Promise<void>;
  /** The lock of the current version, or of the one named; undefined where it has none. Missing: storage.not-found. */
  readonly readLock?: (key: string, versionId?: string) => Promise<ObjectLock | undefined>;
  /** Stores that keep what was overwritten and deleted. */
  readonly history?: StoreHistory;
  /** What the store does to objects by itself. */
  readonly protection?: () => Promise<StoreProtection>;
}

export type LockMode = 'governance' | 'compliance';

export interface ObjectLock {
  readonly mode: LockMode;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export interface StoreHistory {
  /** Versions and deletions under the prefix: keys ascending, and of one key the newest first. */
  list(prefix: string): AsyncIterable<ObjectVersion>;
  /** The bytes of one version, or the `range` of them; errors as those of `get`. */
  get(key: string, versionId: string, range?: ByteRange): Promise<Uint8Array>;
  /** Destroys one version for good; missing is no error. storage.locked or storage.denied where a lock forbids it. */
  remove(key: string, versionId: string): Promise<void>;
}

export interface ObjectVersion extends StoredObject {
  readonly versionId: string;
  /** A delete marker: from then on the key looked empty. */
  readonly deleted: boolean;
}

/** Undefined where the credentials may not ask. */
export interface StoreProtection {
  /** Overwritten and deleted objects are kept as versions. */
  readonly versioning: boolean | undefined;
  readonly lock: boolean | undefined;
  /** What objects without a lock of their own get. */
  readonly defaultRetention?: { readonly mode: LockMode; readonly days: number };
  /** Enabled lifecycle rules that touch keys of this store and take objects away. */
  readonly expirations: readonly StoreExpiration[] | undefined;
}

export interface StoreExpiration {
  readonly rule: string;
  /** `current`: objects disappear after so many days. `noncurrent`: what was overwritten or deleted is destroyed. */
  readonly of: 'current' | 'noncurrent';
  /** Undefined where the rule names a date. */
  readonly days: number | undefined;
}
