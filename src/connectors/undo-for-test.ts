import type { UndoFile } from './contract.ts';

/** Undo files that are kept in memory, by the endings of their names. */
export interface HeldUndo extends UndoFile {
  readonly files: ReadonlyMap<string, Buffer>;
  text(ending: string): string;
}

export function heldUndo(): HeldUndo {
  const files = new Map<string, Buffer>();
  const write: UndoFile['write'] = async (ending, content) => {
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(Buffer.from(piece));
    files.set(ending, Buffer.concat(pieces));
  };
  return {
    files,
    write,
    async create(ending, content) {
      if (files.has(ending)) throw new Error(`${ending} is written twice`);
      await write(ending, content);
      return `resource${ending}`;
    },
    text: (ending) => files.get(ending)?.toString('utf8') ?? '',
  };
}

/** A disk on which nothing can be written. */
export function refusedUndo(error: Error): UndoFile {
  return { write: () => Promise.reject(error), create: () => Promise.reject(error) };
}
