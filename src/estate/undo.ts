import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { UndoFile } from '../connectors/contract.ts';
import { utf8 } from '../kernel/bytes.ts';
import type { ResourceRef } from '../kernel/entry.ts';
import { escapeSegment } from './escape.ts';
import { fileProblem } from './restore-target.ts';

/** Where what takes a restore back is written: a file for each resource that is changed, `<type>/<name>.sql`. */
export type UndoFolder = (ref: ResourceRef) => UndoFile;

/** Nothing is made before the first file is written. Its files hold data in clear: only their owner may read them. */
export function undoFolder(folder: string): UndoFolder {
  return (ref) => {
    const path = join(folder, escapeSegment(utf8(ref.type)), `${escapeSegment(utf8(ref.name))}.sql`);
    return {
      async write(text) {
        try {
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await writeDurably(path, text);
        } catch (error) {
          throw fileProblem(error, 'write', path);
        }
      },
    };
  };
}

/** Whole or not at all, and on the disk when it returns: also its name. */
async function writeDurably(path: string, text: AsyncIterable<string>): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    for await (const piece of text) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
