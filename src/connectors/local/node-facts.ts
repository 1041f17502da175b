import {
  closeSync,
  constants,
  chmodSync,
  fchmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  openSync,
  type BigIntStats,
} from 'node:fs';
import type { EntryKind } from '../../kernel/entry.ts';
import { toBytes, type ByteText } from './byte-text.ts';
import { fileError } from './errors.ts';
import type { Facts } from './facts.ts';
import { sameTime, toSeconds } from '../../kernel/file-times.ts';
import type { TreeJob } from './tree-job.ts';
import { restorableMode, restorableOwner } from './user.ts';
import { isManaged } from './xattrs.ts';

/** Whether mode, owner, time or extended attributes differ from what a restore by this user can set. Throws item errors. */
export function differsInFacts(
  job: TreeJob,
  kind: EntryKind,
  facts: Facts,
  path: ByteText,
  stat: BigIntStats,
): boolean {
  if (ownerDiffers(job, facts, stat) || modeDiffers(job, kind, facts, stat)) return true;
  if (facts.mtimeNs !== undefined && !sameTime(facts.mtimeNs, stat.mtimeNs)) return true;
  return xattrsDiffer(job, kind, facts, path);
}

/**
 * Sets what differs, in the order in which nothing undoes what came before: owner (clears set-id bits and capabilities),
 * extended attributes (need write permission; ACLs change the mode), mode, times. Reads the result back.
 * Symbolic links are never followed. Returns whether anything was set. Throws item errors.
 */
export function applyFacts(job: TreeJob, kind: EntryKind, facts: Facts, path: ByteText): boolean {
  let stat = look(path);
  let changed = false;
  if (ownerDiffers(job, facts, stat)) {
    const { uid, gid } = restorableOwner(facts, job.user);
    change('set the owner of', path, () => lchownSync(toBytes(path), uid ?? Number(stat.uid), gid ?? Number(stat.gid)));
    changed = true;
  }
  if (xattrsDiffer(job, kind, facts, path)) {
    job.xattrs?.write(path, facts.xattrs);
    changed = true;
  }
  if (changed) stat = look(path);
  const mode = restorableMode(facts, job.user);
  if (mode !== undefined && modeDiffers(job, kind, facts, stat)) {
    change('set the mode of', path, () => setMode(path, stat, mode));
    changed = true;
  }
  const { mtimeNs } = facts;
  if (mtimeNs !== undefined && !sameTime(mtimeNs, look(path).mtimeNs)) {
    change('set the time of', path, () => lutimesSync(toBytes(path), toSeconds(mtimeNs), toSeconds(mtimeNs)));
    changed = true;
  }
  return changed;
}

function ownerDiffers(job: TreeJob, facts: Facts, stat: BigIntStats): boolean {
  const { uid, gid } = restorableOwner(facts, job.user);
  return (uid !== undefined && uid !== Number(stat.uid)) || (gid !== undefined && gid !== Number(stat.gid));
}

function modeDiffers(job: TreeJob, kind: EntryKind, facts: Facts, stat: BigIntStats): boolean {
  const mode = restorableMode(facts, job.user);
  // Symbolic links have no mode of their own on Linux, and Node cannot set it elsewhere.
  return kind !== 'symlink' && mode !== undefined && mode !== (Number(stat.mode) & 0o7777);
}

function xattrsDiffer(job: TreeJob, kind: EntryKind, facts: Facts, path: ByteText): boolean {
  if (job.xattrs === undefined || kind === 'symlink') return false;
  const present = job.xattrs.read(path);
  if (present === 'unreachable') return false;
  const names = new Set([...Object.keys(facts.xattrs), ...Object.keys(present ?? {}).filter((n) => !isManaged(n))]);
  return [...names].some((name) => facts.xattrs[name] !== present?.[name]);
}

/** Through a descriptor, so that a link put there meanwhile is not followed; by path for what must not be opened. */
function setMode(path: ByteText, stat: BigIntStats, mode: number): void {
  if (!stat.isFile() && !stat.isDirectory()) return chmodSync(toBytes(path), mode);
  let fd: number;
  try {
    fd = openSync(toBytes(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // A file its owner may not read: only the owner (not root) comes here.
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return chmodSync(toBytes(path), mode);
    throw error;
  }
  try {
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

function look(path: ByteText): BigIntStats {
  try {
    return lstatSync(toBytes(path), { bigint: true });
  } catch (error) {
    throw fileError(error, 'look at', path);
  }
}

function change(what: string, path: ByteText, call: () => void): void {
  try {
    call();
  } catch (error) {
    throw fileError(error, what, path);
  }
}
