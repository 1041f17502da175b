import { asBuffer, concatBytes, emptyBytes } from '../../kernel/bytes.ts';
import type { ContentMatcher } from '../../kernel/entry.ts';
import { idLength } from '../chunks/id.ts';
import { chunkRefLength, contentKind, type ContentRef } from '../tree/content.ts';
import type { ReadableEntry } from '../tree/entry.ts';
import type { ChunkReader } from './chunk-reader.ts';

/**
 * Compares bytes with a content chunk by chunk: cut where its chunks were cut, bytes have the same ids, or are others.
 * Memory: a chunk's reference, 36 bytes, for each of its chunks. Throws repository.corrupt where a list of them cannot be read.
 */
export async function contentMatcher(chunks: ChunkReader, entry: ReadableEntry): Promise<ContentMatcher> {
  const { content } = entry;
  const kind = contentKind(entry.kind, content.size);
  const inline = asBuffer(content.inline ?? emptyBytes);
  const references = asBuffer(await allReferences(chunks, content));
  let matches = true;
  let size = 0;
  let next = 0;
  let left = 0;
  let id = emptyBytes;
  let hash = chunks.startId(kind);

  function startChunk(): boolean {
    if (next === references.length) return false;
    id = references.subarray(next, next + idLength);
    left = references.readUInt32LE(next + idLength);
    next += chunkRefLength;
    hash = chunks.startId(kind);
    return true;
  }
  function takeInline(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, inline.length - size);
    if (taken <= 0) return 0;
    return inline.subarray(size, size + taken).equals(bytes.subarray(0, taken)) ? taken : -1;
  }
  /** How many of these bytes the chunk at hand, or the next one, takes; -1 where they are not its bytes. */
  function takeChunk(bytes: Uint8Array): number {
    if (left === 0 && !startChunk()) return -1;
    const taken = Math.min(left, bytes.length);
    hash.update(bytes.subarray(0, taken));
    left -= taken;
    return left > 0 || hash.digest().equals(id) ? taken : -1;
  }
  return {
    push(bytes) {
      for (let at = 0; matches && at < bytes.length;) {
        const rest = bytes.subarray(at);
        const taken = size < inline.length ? takeInline(rest) : takeChunk(rest);
        if (taken < 0) matches = false;
        else {
          at += taken;
          size += taken;
        }
      }
      return matches;
    },
    end: () => matches && size === content.size && left === 0 && next === references.length,
  };
}

async function allReferences(
  chunks: ChunkReader,
  { chunks: list, depth }: Pick<ContentRef, 'chunks' | 'depth'>,
): Promise<Uint8Array> {
  if (depth === 0) return list;
  const lists: Uint8Array[] = [];
  for (let at = 0; at < list.length; at += chunkRefLength) {
    const below = await chunks.chunk('metadata', list.subarray(at, at + idLength));
    lists.push(await allReferences(chunks, { chunks: below, depth: depth - 1 }));
  }
  return concatBytes(lists);
}
