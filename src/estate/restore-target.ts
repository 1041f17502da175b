import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rm, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestoreMode } from '../connectors/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import type { RestoreRequest } from './restore-contract.ts';
import { foldCase, foldNothing, type Fold } from './layout.ts';

/** Says, while a restore runs, what it is of: the same restore may go on after it was cut off. */
export const unfinishedFile = '.holdfast-unfinished';

/** What one restore to a directory is of. */
export interface RestoreIdentity {
  readonly snapshot: string;
  readonly path: string;
  readonly site?: string;
}

export function identityOf(
  { info }: Pick<SnapshotReader, 'info'>,
  { path, site }: Pick<RestoreRequest, 'path' | 'site'>,
): RestoreIdentity {
  return { snapshot: info.id, path, ...(site === undefined ? {} : { site }) };
}

/**
 * Refuses a directory that holds something else: with create-missing (the default) it must not exist, be empty, or hold the
 * same restore unfinished. Changes nothing. Throws restore.target-not-empty, machine.disk-full and the like.
 */
export async function checkTarget(directory: string, mode: RestoreMode, identity: RestoreIdentity): Promise<void> {
  const names = await namesIn(directory);
  if (names.length === 0 || mode !== 'create-missing') return;
  if (names.includes(unfinishedFile) && (await readUnfinished(directory)) === unfinishedText(identity)) return;
  throw new HoldfastError('restore.target-not-empty', `${directory} is not empty`, {
    resource: directory,
    hint: 'Choose an empty directory, or pass --mode revert-changed to write over what is there.',
  });
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    const why = code === 'ENOTDIR' ? 'is not a directory' : `cannot be read: ${(error as Error).message}`;
    throw new HoldfastError('usage.invalid', `${directory} ${why}`, { resource: directory, cause: error });
  }
}

async function readUnfinished(directory: string): Promise<string> {
  const file = join(directory, unfinishedFile);
  return (await lstat(file)).isFile() ? await readFile(file, 'utf8') : '';
}

function unfinishedText({ snapshot, path, site }: RestoreIdentity): string {
  return `${JSON.stringify({ snapshot, path, site })}\n`;
}

/** Creates the directory and marks it unfinished; `finish` takes the mark away. */
export async function beginTarget(
  directory: string,
  identity: RestoreIdentity,
): Promise<{ readonly fold: Fold; finish(): Promise<void> }> {
  await mkdir(directory, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw fileProblem(error, 'create', directory);
  });
  const mark = join(directory, unfinishedFile);
  await writeWhole(mark, unfinishedText(identity), 0o600);
  const fold = (await isThere(join(directory, unfinishedFile.toUpperCase()))) ? foldCase : foldNothing;
  return { fold, finish: async () => await unlink(mark) };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fileProblem(error, 'look at', path);
  }
}

/** Removes what is restored anew with mode exact; links are removed, never followed. */
export async function removeWhole(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

const replace = constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_NOFOLLOW;

/** Opens a file for writing from its beginning. A symbolic link in its place is refused, not followed. */
export async function openForWriting(path: string, mode: number): Promise<FileHandle> {
  try {
    const handle = await open(path, replace, mode);
    await handle.chmod(mode);
    return handle;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') {
      throw new HoldfastError('restore.path-escapes', `${path} is a symbolic link and is not followed`, {
        resource: path,
        cause: error,
      });
    }
    throw fileProblem(error, 'write', path);
  }
}

export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const handle = await openForWriting(path, mode);
  try {
    await handle.writeFile(text);
  } catch (error) {
    throw fileProblem(error, 'write', path);
  } finally {
    await handle.close();
  }
}

/** What the file system said, with a code of ours. */
export function fileProblem(error: unknown, doing: string, path: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  const kind = full ? 'machine.disk-full' : denied ? 'item.denied' : 'item.unreadable';
  return new HoldfastError(kind, `cannot ${doing} ${path}: ${message}`, {
    resource: path,
    cause: error,
    ...(denied ? { hint: 'Check the permissions of the directory.' } : {}),
  });
}
