import { lchown, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { filesCollection, manifestFile } from '../../connectors/postgres-cluster/backup-document.ts';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Repository } from '../../repository/contract.ts';

export interface FolderPlan {
  /** Where the data folder is made. */
  readonly data: string;
  /** Where tablespaces are made, each in a folder of its number. */
  readonly tablespaces: string;
  readonly signal: AbortSignal;
}

export interface WrittenFolder {
  readonly files: number;
  readonly bytes: number;
}

const modeOfFolders = 0o700;
const modeOfFiles = 0o600;

/**
 * Writes the files of a base backup with the modes they had, empty folders, and links to tablespaces at their new places.
 * Throws restore.path-escapes for a name that leads elsewhere, and the first failure of a file: half a data folder is none.
 */
export async function writeDataFolder(
  repository: Repository,
  captured: CapturedResource,
  { data, tablespaces, signal }: FolderPlan,
): Promise<WrittenFolder> {
  await mkdir(data, { recursive: true, mode: modeOfFolders });
  const writer = repository.fileWriter();
  for await (const entry of captured.entries(filesCollection)) {
    signal.throwIfAborted();
    const key = asBuffer(entry.key).toString('utf8');
    const path = placeOf(key, { data, tablespaces });
    const mode = modeOf(entry);
    if (entry.kind === 'directory') await mkdir(path, { recursive: true, mode: mode ?? modeOfFolders });
    else if (entry.kind === 'symlink') await linkTablespace(key, path, tablespaces);
    else await writer.write({ resource: captured, entry, path: utf8(path), mode: mode ?? modeOfFiles });
  }
  const manifest = await captured.entry('', manifestFile);
  if (manifest)
    await writer.write({
      resource: captured,
      entry: manifest,
      path: utf8(join(data, manifestFile)),
      mode: modeOfFiles,
    });
  const { files, bytes, failures } = await writer.finish();
  const [failure] = failures;
  if (failure) throw failure;
  return { files, bytes };
}

const tablespaceKey = /^pg_tblspc\/(\d+)(\/.*)?$/;

function placeOf(key: string, { data, tablespaces }: Pick<FolderPlan, 'data' | 'tablespaces'>): string {
  const segments = key.replace(/\/$/, '').split('/');
  if (key.startsWith('/') || segments.some((one) => one === '' || one === '.' || one === '..' || one.includes('\0')))
    throw new HoldfastError('restore.path-escapes', `${JSON.stringify(key)} is no name within a data folder`);
  const [, oid, below] = tablespaceKey.exec(key) ?? [];
  return oid !== undefined && below !== undefined ? join(tablespaces, oid, below) : join(data, key);
}

async function linkTablespace(key: string, path: string, tablespaces: string): Promise<void> {
  const [, oid] = tablespaceKey.exec(key) ?? [];
  if (oid === undefined) throw new HoldfastError('restore.path-escapes', `${key} is a link where none belongs`);
  await mkdir(join(tablespaces, oid), { recursive: true, mode: modeOfFolders });
  await symlink(join(tablespaces, oid), path);
}

function modeOf({ attributes }: CapturedEntry): number | undefined {
  const { mode } = attributes;
  // Owner and group, as servers allow; never more.
  return typeof mode === 'number' ? mode & 0o770 : undefined;
}

/** Gives a folder and all below it to the user that the server runs as. Links are not followed. */
export async function giveTo(folder: string, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  await lchown(folder, owner.uid, owner.gid);
  for (const child of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, child.name);
    if (child.isDirectory()) await giveTo(path, owner);
    else await lchown(path, owner.uid, owner.gid);
  }
}
