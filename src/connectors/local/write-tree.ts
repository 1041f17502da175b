import type { CapturedResource } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { FileWriter } from '../../repository/read/contract.ts';
import { makeDirectories } from './make-directories.ts';
import { makeHardLinks, makeLinks } from './make-links.ts';
import { setFacts } from './set-facts.ts';
import { openTreeJob } from './tree-job.ts';
import { writeFiles } from './write-files.ts';

export interface WriteTreeSettings {
  /** Only these entries of `files`. */
  readonly only?: { readonly collection: string; readonly prefix: Uint8Array };
  /** Writes regular files off the main thread; finished by writeTree. Absent: they are written here. */
  readonly writer?: FileWriter;
  readonly signal: AbortSignal;
  /** Cumulative: nodes created or changed, and bytes of content. */
  readonly onProgress?: (done: { readonly items: number; readonly bytes: number }) => void;
}

export interface WrittenTree {
  readonly files: number;
  /** Files, folders and links that were created or changed. */
  readonly nodes: number;
  readonly bytes: number;
  /** The first thousand, then one that counts the rest. */
  readonly failures: readonly HoldfastError[];
}

/**
 * Lays a captured `local` resource under a directory (absolute path, created when missing). What is there already and
 * equal is left, what differs is put back, what is extra stays. Nothing is written outside of the directory.
 * An entry that fails costs itself; throws machine.disk-full, storage errors and the signal's reason.
 */
export async function writeTree(
  captured: CapturedResource,
  target: Uint8Array,
  settings: WriteTreeSettings,
): Promise<WrittenTree> {
  if (settings.only && settings.only.collection !== 'files') return { files: 0, nodes: 0, bytes: 0, failures: [] };
  const job = await openTreeJob({
    captured,
    root: target,
    mode: 'revert-changed',
    ...(settings.only ? { prefix: settings.only.prefix } : {}),
    signal: settings.signal,
    ...(settings.onProgress ? { onProgress: settings.onProgress } : {}),
  });
  const created = await makeDirectories(job);
  const before = job.done.items;
  await writeFiles(job, settings.writer);
  const files = job.done.items - before;
  const { bytes } = job.done;
  if (job.seen.has('hardlink')) await makeHardLinks(job);
  if (job.seen.has('symlink') || job.seen.has('special')) await makeLinks(job);
  await setFacts(job, created, settings.writer ? 'finished' : 'compare');
  return { files, nodes: job.done.items, bytes, failures: job.failures.list() };
}
