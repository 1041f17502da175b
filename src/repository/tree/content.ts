import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, emptyBytes, equalBytes, hex } from '../../kernel/bytes.ts';
import { idLength } from '../chunks/id.ts';
import type { EntryKind } from '../../kernel/entry.ts';
import type { PackKind } from '../format/header.ts';

/** Contents up to this length lie in the tree itself: a chunk would cost more than it holds. Rows always do. */
export const inlineLimit = 128;

/**
 * Documents up to this length are one metadata chunk: they are what browsing, comparing and planning read, and so must
 * not lie in a data pack that would have to be thawed. Longer ones are data, as all other contents are.
 */
export const documentLimit = 1024 * 1024;

/** The kind of the chunks that hold an entry's content. */
export function contentKind(kind: EntryKind, size: number): PackKind {
  return kind === 'document' && size <= documentLimit ? 'metadata' : 'data';
}

/** Bytes of one chunk reference: id and length. */
export const chunkRefLength = idLength + 4;

/** More references than this are stored as chunks of their own, and so on. */
const referencesPerList = 1024;

/** Where an entry's bytes are. */
export interface ContentRef {
  readonly size: number;
  /** The bytes themselves; then `chunks` is empty. */
  readonly inline?: Uint8Array;
  /** References, `chunkRefLength` bytes each: id, then length as u32 LE. */
  readonly chunks: Uint8Array;
  /** 0: references of the content's chunks. n: references of metadata chunks that hold references of depth n - 1. */
  readonly depth: number;
  /** Known where it was just stored; no part of an entry. */
  readonly novelty?: Novelty;
}

/** What storing a content brought: bytes that were new to the repository, and those that look encrypted or compressed. */
export interface Novelty {
  readonly fresh: number;
  readonly dense: number;
}

export const noContent: ContentRef = { size: 0, chunks: emptyBytes, depth: 0 };

/** Content that lies in its entry, in memory of its own. */
export function inlineContent(bytes: Uint8Array): ContentRef {
  return { size: bytes.length, inline: new Uint8Array(bytes), chunks: emptyBytes, depth: 0 };
}

export interface ChunkRef {
  readonly id: Uint8Array;
  readonly length: number;
}

export function chunkRefs(chunks: Uint8Array): ChunkRef[] {
  if (chunks.length % chunkRefLength !== 0)
    throw new HoldfastError('repository.corrupt', 'a list of chunks has an impossible length');
  const refs: ChunkRef[] = [];
  const buffer = asBuffer(chunks);
  for (let at = 0; at < chunks.length; at += chunkRefLength) {
    refs.push({ id: chunks.subarray(at, at + idLength), length: buffer.readUInt32LE(at + idLength) });
  }
  return refs;
}

export function encodeChunkRef(id: Uint8Array, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(chunkRefLength);
  asBuffer(id).copy(bytes, 0);
  bytes.writeUInt32LE(length, idLength);
  return bytes;
}

/** Shortens a long list of references by storing pieces of it as metadata chunks. */
export function foldReferences(
  size: number,
  chunks: Uint8Array,
  storeMetadata: (bytes: Uint8Array) => Uint8Array,
): ContentRef {
  let list = chunks;
  let depth = 0;
  const most = referencesPerList * chunkRefLength;
  while (list.length > most) {
    const folded: Buffer[] = [];
    for (let at = 0; at < list.length; at += most) {
      const piece = list.subarray(at, at + most);
      folded.push(encodeChunkRef(storeMetadata(piece), piece.length));
    }
    list = Buffer.concat(folded);
    depth++;
  }
  return { size, chunks: Uint8Array.from(list), depth };
}

/** References of the content's chunks in order, lists read one at a time. */
export async function* dataReferences(
  ref: Pick<ContentRef, 'chunks' | 'depth'>,
  load: (id: Uint8Array) => Promise<Uint8Array>,
): AsyncGenerator<readonly ChunkRef[]> {
  const refs = chunkRefs(ref.chunks);
  if (ref.depth === 0) {
    yield refs;
    return;
  }
  for (const { id } of refs) yield* dataReferences({ chunks: await load(id), depth: ref.depth - 1 }, load);
}

/** Whether two references name the same bytes. */
export function sameContent(a: ContentRef, b: ContentRef): boolean {
  return (
    a.size === b.size &&
    a.depth === b.depth &&
    equalBytes(a.chunks, b.chunks) &&
    equalBytes(a.inline ?? emptyBytes, b.inline ?? emptyBytes)
  );
}

/** Equal contents of one repository have equal content ids: the chunk's own id, or a digest over the list. */
export function contentId(ref: ContentRef): string {
  if (ref.inline) return `i${createHash('sha256').update(ref.inline).digest('hex')}`;
  if (ref.chunks.length === chunkRefLength && ref.depth === 0) return hex(ref.chunks.subarray(0, idLength));
  return ref.size === 0 ? '' : createHash('sha256').update(ref.chunks).digest('hex');
}
