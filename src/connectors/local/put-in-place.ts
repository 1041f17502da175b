import { chmodSync, lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { parentKey, pathOf, toBytes, type ByteText } from './byte-text.ts';
import { fileError } from './errors.ts';
import type { Finding } from './survey.ts';
import { cachesOf, type TreeJob } from './tree-job.ts';
import { walk } from './walk.ts';

const temporary = /^\.holdfast-(\d+)-\d+\.partial$/;
let counter = 0;

/**
 * Makes a node under a temporary name in its own directory and renames it into place: whoever looks, and whatever dies,
 * there is the old node or the new one, never half of one. `make` gets the temporary path, which does not exist.
 * Throws item errors, machine.disk-full, restore.path-escapes; what was there is untouched then.
 */
export async function putInPlace(
  job: TreeJob,
  finding: Finding,
  make: (temporary: ByteText) => Promise<void> | void,
): Promise<void> {
  job.guard.require(finding.entry.key);
  const parent = pathOf(job.root, parentKey(finding.key)).replace(/\/$/, '');
  const temp = `${parent}/.holdfast-${process.pid}-${++counter}.partial`;
  try {
    await openingUp(job, parent, () => {
      sweep(job, parent);
      return make(temp);
    });
    if (finding.stat?.isDirectory()) clearDirectory(job, finding.key);
    renameSync(toBytes(temp), toBytes(finding.path));
  } catch (error) {
    removeTemporary(temp);
    throw fileError(error, 'write', finding.path);
  }
}

/**
 * Runs a change inside `directory`; when the directory's own mode forbids it and it is ours, gives its owner write
 * permission and tries again. The restore's last phase sets the captured mode; create-missing has none for it, so there it fails.
 */
export async function openingUp<T>(job: TreeJob, directory: ByteText, change: () => Promise<T> | T): Promise<T> {
  try {
    return await change();
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
    if (!denied || job.mode === 'create-missing') throw error;
    const stat = lstatSync(toBytes(directory));
    if (stat.uid !== job.user.uid || !stat.isDirectory() || (stat.mode & 0o300) === 0o300) throw error;
    chmodSync(toBytes(directory), (stat.mode & 0o7777) | 0o700);
    return await change();
  }
}

/**
 * Removes a directory that is in the place of something else. In mode exact with what is in it, except what captures
 * leave out; otherwise only when it is empty. Throws ENOTEMPTY when something stays.
 */
export function clearDirectory(job: TreeJob, key: ByteText): void {
  const at = key.endsWith('/') ? key : `${key}/`;
  const directories = [pathOf(job.root, at)];
  if (job.mode === 'exact') {
    for (const node of walk({ root: job.root, at, exclusion: job.exclusion, caches: cachesOf(job) })) {
      if (node.error !== undefined) throw node.error;
      if (node.stat.isDirectory()) directories.push(node.path);
      else unlinkSync(toBytes(node.path));
    }
  }
  for (const directory of directories.reverse()) rmdirSync(toBytes(directory));
}

/** Removes what killed restores left in a directory: temporary names of processes that are gone. */
function sweep(job: TreeJob, directory: ByteText): void {
  if (job.fresh || job.swept.has(directory)) return;
  job.swept.add(directory);
  for (const name of readdirSync(toBytes(directory === '' ? '/' : directory), { encoding: 'latin1' })) {
    const match = temporary.exec(name);
    if (match && !isRunning(Number(match[1]))) removeTemporary(`${directory}/${name}`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function removeTemporary(path: ByteText): void {
  try {
    unlinkSync(toBytes(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error, 'remove the temporary file', path);
  }
}
