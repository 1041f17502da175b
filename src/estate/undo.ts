import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { UndoFile } from '../connectors/contract.ts';
import { utf8 } from '../kernel/bytes.ts';
import type { ResourceRef } from '../kernel/entry.ts';
import { createDirectorySync, createFolders, type DirectorySync } from '../storage/directory/sync.ts';
import { escapeSegment } from './escape.ts';
import { fileProblem } from './restore-target.ts';

/** Where what takes a restore back is written: a file for each resource that is changed, `<type>/<name>.sql`. */
export type UndoFolder = (ref: ResourceRef) => UndoFile;

/** Nothing is made before the first file is written. Its files hold data in clear: only their owner may read them. */
export function undoFolder(folder: string): UndoFolder {
  const directories = createDirectorySync();
  return (ref) => {
    const path = join(folder, escapeSegment(utf8(ref.type)), `${escapeSegment(utf8(ref.name))}.sql`);
    return {
      async write(text) {
        await ofFile(path, async () => {
          const root = await nearestThere(dirname(path));
          await createFolders(root, directories).make(dirname(path));
        });
        await writeDurably(path, text, directories);
      },
    };
  };
}

/** Whole or not at all, and on the disk when it returns: also its name. */
async function writeDurably(path: string, text: AsyncIterable<string>, directories: DirectorySync): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await ofFile(path, () => open(unfinished, 'w', 0o600));
  try {
    await writeText(file, path, text);
    await ofFile(path, () => file.sync());
  } catch (error) {
    // Half of it takes nothing back, and holds data in clear.
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await ofFile(path, async () => {
    await rename(unfinished, path);
    await directories.sync(dirname(path));
  });
}

/** What goes wrong in the text itself (the server that it is read from) is left as it is: whoever reads decides on it. */
async function writeText(file: FileHandle, path: string, text: AsyncIterable<string>): Promise<void> {
  for await (const piece of text) await ofFile(path, () => file.writeFile(piece));
}

async function ofFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileProblem(error, 'write', path);
  }
}

/** The folder, or the nearest above it that is there. */
async function nearestThere(folder: string): Promise<string> {
  try {
    await stat(folder);
    return folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return await nearestThere(dirname(folder));
  }
}
