import { idLength } from '../chunks/id.ts';
import type { PackKind } from '../format/header.ts';
import { chunkRefLength, contentKind, type ContentRef } from '../tree/content.ts';
import type { StoredEntry } from '../tree/entry.ts';
import type { ChunkCheck } from './chunks.ts';
import type { Damage } from './findings.ts';

/** Names the page that makes a statement which cannot be true. */
export type Blame = (problem: string) => Damage;

type Damages = ReadonlySet<Damage>;

/** Everything that keeps an entry's content from being read; empty: nothing does. Waits only where something must be read. */
export function damagesOf(
  chunks: ChunkCheck,
  { kind, content }: Pick<StoredEntry, 'kind' | 'content'>,
  blame: Blame,
): Damages | Promise<Damages> {
  if (content.chunks.length === 0) return checkLength(new Set(), content.inline?.length ?? 0, content, blame);
  const found = new Set<Damage>();
  const list = lengthOf(chunks, contentKind(kind, content.size), content, found);
  if (!(list instanceof Promise)) return checkLength(found, list, content, blame);
  return list.then((length) => checkLength(found, length, content, blame));
}

function checkLength(found: Set<Damage>, length: number, { size }: ContentRef, blame: Blame): Damages {
  // Where references are lost, their lengths are, too.
  if (found.size === 0 && length !== size)
    found.add(blame(`an entry's content has ${length} bytes where ${size} were captured`));
  return found;
}

/** Checks all references below; returns the sum of the contents' lengths. */
function lengthOf(
  chunks: ChunkCheck,
  kind: PackKind,
  { chunks: list, depth }: Pick<ContentRef, 'chunks' | 'depth'>,
  found: Set<Damage>,
): number | Promise<number> {
  if (list.length % chunkRefLength !== 0) return Number.NaN;
  return depth === 0 ? contentChunks(chunks, kind, list, found) : referenceLists(chunks, kind, list, depth, found);
}

function contentChunks(
  chunks: ChunkCheck,
  kind: PackKind,
  list: Uint8Array,
  found: Set<Damage>,
): number | Promise<number> {
  const lengths = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const waiting: Promise<void>[] = [];
  let length = 0;
  for (let at = 0; at < list.length; at += chunkRefLength) {
    length += lengths.getUint32(at + idLength, true);
    const damage = chunks.damageOf(kind, list.subarray(at, at + idLength));
    if (damage instanceof Promise) waiting.push(damage.then((one) => void (one && found.add(one))));
    else if (damage) found.add(damage);
  }
  return waiting.length === 0 ? length : Promise.all(waiting).then(() => length);
}

/** Lists of references, read one after another. */
async function referenceLists(
  chunks: ChunkCheck,
  kind: PackKind,
  list: Uint8Array,
  depth: number,
  found: Set<Damage>,
): Promise<number> {
  let length = 0;
  for (let at = 0; at < list.length; at += chunkRefLength) {
    const { bytes, damage } = await chunks.read(list.subarray(at, at + idLength));
    if (damage) found.add(damage);
    if (bytes) length += await lengthOf(chunks, kind, { chunks: bytes, depth: depth - 1 }, found);
  }
  return length;
}
