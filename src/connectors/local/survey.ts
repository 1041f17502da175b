import { lstatSync, readlinkSync, type BigIntStats } from 'node:fs';
import { asBuffer } from '../../kernel/bytes.ts';
import type { CapturedEntry, EntryKind } from '../../kernel/entry.ts';
import { byteText, pathOf, toBytes, type ByteText } from './byte-text.ts';
import { costsOneEntry, fileError } from './errors.ts';
import { fingerprintOf, kindOf, readFacts, specialType, targetBytes, type Facts } from './facts.ts';
import { differsInFacts } from './node-facts.ts';
import { createPause } from './pause.ts';
import { sameContent } from './same-content.ts';
import { inPrefix, type TreeJob } from './tree-job.ts';

/**
 * How what is on disk compares with a captured entry.
 * `same`; `facts`: mode, owner, time or extended attributes differ; `content`: bytes or link target differ;
 * `other`: something of another kind is in its place; `missing`; `blocked`: a parent is a link or no directory.
 */
export type EntryState = 'same' | 'facts' | 'content' | 'other' | 'missing' | 'blocked';

export interface Finding {
  readonly entry: CapturedEntry;
  readonly key: ByteText;
  readonly path: ByteText;
  readonly facts: Facts;
  readonly state: EntryState;
  /** What is on disk now. */
  readonly stat?: BigIntStats;
  /** Hard links whose first link is not part of this restore: the entry that holds the content. */
  readonly source?: CapturedEntry;
}

/**
 * Compares the captured entries of these kinds with the disk, in order, reading only. `content: false` takes regular
 * files of the right kind for equal in content. Keys that leave the target and nodes that cannot be looked at go to the job's failures.
 */
export async function* survey(
  job: TreeJob,
  kinds: readonly EntryKind[],
  settings: { readonly content: boolean; readonly skip?: (entry: CapturedEntry) => boolean },
): AsyncGenerator<Finding> {
  const pause = createPause(job.signal);
  job.signal.throwIfAborted();
  function wanted(kind: EntryKind): boolean {
    job.seen.add(kind);
    return kinds.includes(kind);
  }
  const range = { wanted, ...(job.prefix.length === 0 ? {} : { prefix: job.prefix }) };
  for await (const entry of job.captured.entries('files', range)) {
    const others = pause();
    if (others) await others;
    if (!wanted(entry.kind) || settings.skip?.(entry)) continue;
    try {
      yield await find(job, entry, settings.content);
    } catch (error) {
      if (!costsOneEntry(error)) throw error;
      job.failures.add(error);
    }
  }
}

/** Directories above the prefix: captured, needed for what is below, and not part of what was asked for. */
export async function* surveyAncestors(job: TreeJob): AsyncGenerator<Finding> {
  const prefix = byteText(job.prefix);
  for (let end = prefix.indexOf('/'); end >= 0 && end < prefix.length - 1; end = prefix.indexOf('/', end + 1)) {
    const key = toBytes(prefix.slice(0, end + 1));
    const entry = await job.captured.entry('files', key);
    if (entry?.kind !== 'directory') continue;
    yield await find(job, entry, false);
  }
}

async function find(job: TreeJob, entry: CapturedEntry, content: boolean): Promise<Finding> {
  const key = byteText(entry.key);
  const path = pathOf(job.root, key);
  const facts = readFacts(entry.attributes);
  const parents = job.guard.state(entry.key);
  if (parents === 'blocked')
    return { entry, key, path, facts, state: job.mode === 'create-missing' ? 'blocked' : 'missing' };
  // In a target that was empty no file can be in the way; the writer makes sure when it creates it.
  if (content && job.fresh && entry.kind === 'blob') return { entry, key, path, facts, state: 'missing' };
  const found = { entry, key, path, facts };
  const stat = parents === 'missing' ? undefined : lookAt(path);
  if (entry.kind === 'hardlink') return await findHardLink(job, found, stat, content);
  if (stat === undefined) return { ...found, state: 'missing' };
  return { ...found, stat, state: await stateOf(job, found, stat, content) };
}

type Known = Omit<Finding, 'state' | 'stat'>;

async function stateOf(job: TreeJob, found: Known, stat: BigIntStats, content: boolean): Promise<EntryState> {
  const { entry, facts, path } = found;
  if (kindOf(stat) !== entry.kind) return 'other';
  if (entry.kind === 'special' && (specialType(stat) !== facts.type || stat.rdev !== (facts.rdev ?? 0n)))
    return 'other';
  if (entry.kind === 'symlink' && !targetBytes(facts).equals(readTarget(path))) return 'content';
  if (entry.kind === 'blob' && content && !(await unchanged(job, entry, path, stat))) return 'content';
  return differsInFacts(job, entry.kind, facts, path, stat) ? 'facts' : 'same';
}

/** Same size and fingerprint: nothing touched it since the capture. Same size only: the bytes decide. */
async function unchanged(job: TreeJob, entry: CapturedEntry, path: ByteText, stat: BigIntStats): Promise<boolean> {
  if (stat.size !== BigInt(entry.size)) return false;
  if (entry.fingerprint === fingerprintOf(stat, { ignoreCtime: false, ignoreInode: false })) return true;
  return await sameContent(job.captured, entry, path, job.signal);
}

/** A hard link is right when it is the same file as its first link; its facts are those of the first link. */
async function findHardLink(
  job: TreeJob,
  found: Known,
  stat: BigIntStats | undefined,
  content: boolean,
): Promise<Finding> {
  const target = toBytes(found.facts.target ?? '');
  const first = job.guard.state(target) === 'ready' ? lookAt(pathOf(job.root, byteText(target))) : undefined;
  const linked = first !== undefined && stat !== undefined && first.ino === stat.ino && first.dev === stat.dev;
  if (inPrefix(job, target)) {
    if (stat === undefined) return { ...found, state: 'missing' };
    if (!stat.isFile()) return { ...found, stat, state: 'other' };
    return { ...found, stat, state: linked ? 'same' : 'content' };
  }
  // Only this link was asked for: it becomes a file of its own with the first link's content and facts.
  const source = await job.captured.entry('files', target);
  if (source === undefined) return { ...found, ...(stat ? { stat } : {}), state: stat ? 'content' : 'missing' };
  const own = { ...found, source, facts: readFacts(source.attributes) };
  if (stat === undefined) return { ...own, state: 'missing' };
  return { ...own, stat, state: await stateOf(job, { ...own, entry: source }, stat, content) };
}

function lookAt(path: ByteText): BigIntStats | undefined {
  try {
    return lstatSync(toBytes(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, 'look at', path);
  }
}

function readTarget(path: ByteText): Buffer {
  try {
    return asBuffer(readlinkSync(toBytes(path), { encoding: 'buffer' }));
  } catch (error) {
    throw fileError(error, 'read the link', path);
  }
}

/** What the mode lets a restore put back: create-missing leaves everything that is there. */
export function isWanted(job: TreeJob, finding: Finding): boolean {
  if (finding.state === 'missing') return true;
  return job.mode !== 'create-missing' && (finding.state === 'content' || finding.state === 'other');
}
