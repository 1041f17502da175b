import { lstatSync } from 'node:fs';
import type { CapturedEntry, EntryKind } from '../../kernel/entry.ts';
import { toBytes, type ByteText } from './byte-text.ts';
import { costsOneEntry, fileError } from './errors.ts';
import type { Facts } from './facts.ts';
import { applyFacts } from './node-facts.ts';
import { survey, surveyAncestors, type Finding } from './survey.ts';
import { count, type TreeJob } from './tree-job.ts';

/** Keys of directories this restore made, the topmost of each branch; '' is the target itself. */
export type CreatedDirectories = ReadonlySet<ByteText>;

/**
 * The last phase: modes, owners, extended attributes and times of everything that differs. A directory comes after all
 * that is in it: writing there changes its time, and its mode may shut us out. What was there and was not asked for keeps
 * its own: in mode create-missing, and above the prefix, only created directories are touched. `files: 'finished'`: in a
 * fresh target a writer has already set owner, mode and time of each file; only extended attributes are left to set.
 */
export async function setFacts(
  job: TreeJob,
  created: CreatedDirectories,
  files: 'finished' | 'compare' = 'compare',
): Promise<void> {
  const open: Finding[] = [];
  function leave(until: ByteText | undefined): void {
    for (let top = open.at(-1); top && !(until?.startsWith(top.key) ?? false); top = open.at(-1)) {
      open.pop();
      set(job, top.entry.kind, top.facts, top.path);
    }
  }
  const onlyCreated = job.mode === 'create-missing';
  const areFinished = job.fresh && files === 'finished';
  const kinds: EntryKind[] = ['directory'];
  if (!onlyCreated) kinds.push('hardlink', 'symlink', 'special');
  if (!onlyCreated && !(areFinished && !job.awaitsXattrs)) kinds.push('blob');
  for await (const finding of surveyAncestors(job)) {
    if (finding.stat?.isDirectory() && isBelow(finding.key, created)) open.push(finding);
  }
  const skip = (entry: CapturedEntry): boolean => areFinished && entry.kind === 'blob' && !hasXattrs(entry);
  for await (const finding of survey(job, kinds, { content: false, skip })) {
    leave(finding.key);
    if (onlyCreated && !isBelow(finding.key, created)) continue;
    // Content and kind were the work of earlier phases; where they failed, the node is not ours to touch.
    if (finding.entry.kind === 'directory' && finding.stat?.isDirectory()) open.push(finding);
    else if (finding.state === 'facts')
      set(job, finding.source?.kind ?? finding.entry.kind, finding.facts, finding.path);
  }
  leave(undefined);
  setRoot(job, created);
}

function hasXattrs({ attributes: { xattrs } }: CapturedEntry): boolean {
  return typeof xattrs === 'object' && xattrs !== null && Object.keys(xattrs).length > 0;
}

/** The folder itself: only when all of it was restored. A target that is a link keeps what it points at as it is. */
function setRoot(job: TreeJob, created: CreatedDirectories): void {
  if (job.prefix.length > 0 || job.folder.type === 'file' || job.root === '') return;
  if (job.mode === 'create-missing' && !created.has('')) return;
  if (!lstatSync(toBytes(job.root), { throwIfNoEntry: false })?.isDirectory()) return;
  set(job, 'directory', job.folder.facts, job.root);
}

function set(job: TreeJob, kind: EntryKind, facts: Facts, path: ByteText): void {
  try {
    if (applyFacts(job, kind, facts, path)) count(job);
  } catch (error) {
    const said = fileError(error, 'set the attributes of', path);
    if (!costsOneEntry(said)) throw said;
    job.failures.add(said);
  }
}

function isBelow(key: ByteText, created: CreatedDirectories): boolean {
  if (created.has('')) return true;
  for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
    if (created.has(key.slice(0, slash + 1))) return true;
  }
  return false;
}
