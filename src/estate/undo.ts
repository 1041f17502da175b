import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { UndoFile } from '../connectors/contract.ts';
import { utf8 } from '../kernel/bytes.ts';
import type { ResourceRef } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import { createDirectorySync, createFolders, type DirectorySync } from '../storage/directory/sync.ts';
import { escapeSegment } from './escape.ts';
import { fileProblem } from './restore-target.ts';

/** Where what takes a restore back is written: files for each resource that is changed, `<type>/<name>.sql`. */
export type UndoFolder = (ref: ResourceRef) => UndoFile;

/** Nothing is made before the first file is written. Its files hold data in clear: only their owner may read them. */
export function undoFolder(folder: string): UndoFolder {
  const directories = createDirectorySync();
  return (ref) => {
    const pathOf = (ending: string): string =>
      join(folder, escapeSegment(utf8(ref.type)), escapeSegment(utf8(`${ref.name}${ending}`)));
    async function write(path: string, content: Content): Promise<void> {
      await ofFile(path, async () => {
        const root = await nearestThere(dirname(path));
        await createFolders(root, directories).make(dirname(path));
      });
      await writeDurably(path, content, directories);
    }
    return {
      write: async (ending, content) => await write(pathOf(ending), content),
      async create(ending, content) {
        const path = pathOf(ending);
        if (await ofFile(path, async () => await isThere(path))) throw taken(path);
        await write(path, content);
        return relative(join(folder, escapeSegment(utf8(ref.type))), path);
      },
    };
  };
}

type Content = AsyncIterable<string | Uint8Array>;

function taken(path: string): HoldfastError {
  return new HoldfastError('item.conflict', `${path} is there already, and what it takes back may be half done`, {
    resource: path,
    hint: 'Run the same restore again: each run has a folder of its own.',
  });
}

/** Whole or not at all, and on the disk when it returns: also its name. */
async function writeDurably(path: string, content: Content, directories: DirectorySync): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await ofFile(path, () => open(unfinished, 'w', 0o600));
  try {
    await writeContent(file, path, content);
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

/** What goes wrong in the content itself (the server that it is read from) is left as it is: whoever reads decides on it. */
async function writeContent(file: FileHandle, path: string, content: Content): Promise<void> {
  for await (const piece of content) await ofFile(path, () => file.writeFile(piece));
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
  if (dirname(folder) === folder || (await isThere(folder))) return folder;
  return await nearestThere(dirname(folder));
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
