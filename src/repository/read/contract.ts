import type { CapturedEntry, CapturedResource, EntryKind } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { CaptureSink } from '../../kernel/capture.ts';

/** Differences of two resources' entries, skipping equal pages. */
export interface EntryChange {
  readonly collection: string;
  readonly key: Uint8Array;
  readonly kind: EntryKind;
  readonly change: 'added' | 'removed' | 'changed';
}

/** What differs between a captured resource and what a live capture adds, found while it streams. */
export interface Difference {
  readonly collection: string;
  readonly key: Uint8Array;
  readonly kind: EntryKind;
  readonly secret: boolean;
  readonly change: 'missing' | 'extra' | 'changed';
  /** For changed entries: which part, and the comparable values where they are JSON. */
  readonly parts: readonly {
    readonly part: 'content' | 'attributes' | 'details';
    readonly before?: Json;
    readonly after?: Json;
  }[];
}

export type Comparable = (
  where: { readonly collection: string; readonly key: string; readonly part: 'content' | 'attributes' | 'details' },
  value: Json,
) => Json;

/** Compares a live capture with a captured resource as it streams; stores nothing, holds no collection in memory. */
export interface ComparisonSession {
  readonly sink: CaptureSink;
  finish(): Promise<{ readonly compared: number; readonly failures: readonly HoldfastError[] }>;
}

/** Writes files from content, many at a time, off the main thread: restore of `local` and to directories. */
export interface FileWriter {
  /** Queues one file: content of `entry` of `resource` to the absolute `path` (created; parent must exist). Where it returns a promise, it waits for room. */
  write(job: FileWriteJob): void | Promise<void>;
  finish(): Promise<{ readonly files: number; readonly bytes: number; readonly failures: readonly HoldfastError[] }>;
}

export interface FileOwner {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

export interface FileWriteJob {
  readonly resource: CapturedResource;
  readonly entry: CapturedEntry;
  readonly path: Uint8Array;
  readonly mode: number;
  readonly mtimeNs?: bigint | undefined;
  /** Set where the file system gave it another one. */
  readonly owner?: FileOwner | undefined;
  /** Runs of zeros become holes. */
  readonly sparse?: boolean;
}
