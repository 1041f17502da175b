import { asBuffer, emptyBytes } from '../../kernel/bytes.ts';
import type { CapturedResource, EntryKind } from '../../kernel/entry.ts';
import type { RestoreMode } from '../contract.ts';
import { byteText, type ByteText } from './byte-text.ts';
import { createFailureList, type FailureList } from '../failure-list.ts';
import { createExclusion, type Exclusion } from './exclude.ts';
import { readFolder, type CapturedFolder } from './folder.ts';
import { createParentGuard, type ParentGuard } from './safe-path.ts';
import { currentUser, type User } from './user.ts';
import { loadXattrs, type Xattrs } from './xattrs.ts';

/** One captured tree and the directory it is compared with or laid under. Every phase of a restore works on one of these. */
export interface TreeJob {
  readonly captured: CapturedResource;
  readonly folder: CapturedFolder;
  /** Where keys begin: absolute, without a final slash; '' is the file system's root. */
  readonly root: ByteText;
  readonly mode: RestoreMode;
  /** Only keys that start with this; empty: all. */
  readonly prefix: Uint8Array;
  readonly user: User;
  /** Undefined: extended attributes are neither compared nor restored. */
  readonly xattrs: Xattrs | undefined;
  /** What a capture leaves out, now or then: never deleted. */
  readonly exclusion: Exclusion;
  readonly guard: ParentGuard;
  readonly failures: FailureList;
  readonly signal: AbortSignal;
  /** Items and bytes written so far. */
  readonly done: { items: number; bytes: number };
  readonly onProgress: (done: { readonly items: number; readonly bytes: number }) => void;
  /** The target was empty when the job began: nothing needs comparing with what is there. */
  fresh: boolean;
  /** Files with extended attributes were handed to a writer, which does not set these. */
  awaitsXattrs: boolean;
  /** Kinds of entries that walks of this job have come across. */
  readonly seen: Set<EntryKind>;
  /** Directories in which this job has looked for what a killed restore left. */
  readonly swept: Set<ByteText>;
}

export interface TreeJobSettings {
  readonly captured: CapturedResource;
  /** Absolute path of the directory. */
  readonly root: Uint8Array;
  readonly mode: RestoreMode;
  readonly prefix?: Uint8Array;
  /** Exclude patterns of the source as it is configured now, besides those of the capture. */
  readonly exclude?: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress?: TreeJob['onProgress'];
  readonly user?: User;
}

export async function openTreeJob(settings: TreeJobSettings): Promise<TreeJob> {
  const folder = await readFolder(settings.captured);
  return {
    captured: settings.captured,
    folder,
    root: byteText(settings.root).replace(/\/+$/, ''),
    mode: settings.mode,
    prefix: settings.prefix ?? emptyBytes,
    user: settings.user ?? currentUser(),
    xattrs: folder.xattrs ? loadXattrs() : undefined,
    exclusion: createExclusion([...new Set([...folder.exclude, ...(settings.exclude ?? [])])]),
    guard: createParentGuard(settings.root),
    failures: createFailureList('entries'),
    signal: settings.signal,
    done: { items: 0, bytes: 0 },
    onProgress: settings.onProgress ?? (() => undefined),
    fresh: false,
    awaitsXattrs: false,
    seen: new Set(),
    swept: new Set(),
  };
}

/** Counts something written and tells whoever listens. */
export function count(job: TreeJob, bytes = 0): void {
  job.done.items++;
  job.done.bytes += bytes;
  job.onProgress(job.done);
}

export function inPrefix(job: TreeJob, key: Uint8Array): boolean {
  return asBuffer(key.subarray(0, job.prefix.length)).equals(job.prefix);
}

/** How walks that look for things to delete treat cache directories: what captures leave out stays, and its tag with it. */
export function cachesOf(job: TreeJob): 'enter' | 'skip' {
  return job.folder.excludeCaches ? 'skip' : 'enter';
}
