import type { ExtractChunk, ExtractPart } from './messages.ts';
import { idLength } from '../chunks/id.ts';

/**
 * Parts of files in three columns: what is sent to a thread is copied object by object, which for small files takes longer
 * than to write them.
 */
export interface PackedParts {
  /** Of each part: its path, what it holds itself, the ids of its chunks. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of each part `fieldsOfPart` numbers, and after them `fieldsOfChunk` of each of its chunks. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly mtimes: readonly (bigint | undefined)[];
}

const fieldsOfPart = 9;
const fieldsOfChunk = 3;
const none = -1;

export function packParts(parts: readonly ExtractPart[]): PackedParts {
  let length = 0;
  let fields = 0;
  for (const { path, inline, chunks } of parts) {
    length += path.length + (inline?.length ?? 0) + chunks.length * idLength;
    fields += fieldsOfPart + chunks.length * fieldsOfChunk;
  }
  const bytes = new Uint8Array(length);
  const numbers = new Float64Array(fields);
  let at = 0;
  let field = 0;
  function add(piece: Uint8Array): void {
    bytes.set(piece, at);
    at += piece.length;
  }
  for (const { path, inline, chunks, mode, owner, size, whole, sparse } of parts) {
    add(path);
    if (inline) add(inline);
    numbers[field++] = path.length;
    numbers[field++] = inline?.length ?? none;
    numbers[field++] = chunks.length;
    numbers[field++] = mode;
    numbers[field++] = owner?.uid ?? none;
    numbers[field++] = owner?.gid ?? none;
    numbers[field++] = size;
    numbers[field++] = Number(whole);
    numbers[field++] = Number(sparse);
    for (const { id, group, place, offset } of chunks) {
      add(id);
      numbers[field++] = group;
      numbers[field++] = place;
      numbers[field++] = offset;
    }
  }
  return { bytes, numbers, mtimes: parts.map(({ mtimeNs }) => mtimeNs) };
}

/** What was packed; paths, bytes and ids are views. */
export function* unpackParts({ bytes, numbers, mtimes }: PackedParts): Generator<ExtractPart> {
  let at = 0;
  let field = 0;
  const next = (): number => numbers[field++] as number;
  function take(length: number): Uint8Array {
    at += length;
    return bytes.subarray(at - length, at);
  }
  for (const mtimeNs of mtimes) {
    const path = take(next());
    const inlineLength = next();
    const inline = inlineLength === none ? undefined : take(inlineLength);
    const count = next();
    const mode = next();
    const owner = ownerOf(next(), next());
    const size = next();
    const whole = next() === 1;
    const sparse = next() === 1;
    const chunks: ExtractChunk[] = [];
    for (let i = 0; i < count; i++) chunks.push({ id: take(idLength), group: next(), place: next(), offset: next() });
    yield { path, whole, mode, mtimeNs, owner, sparse, size, inline, chunks };
  }
}

function ownerOf(uid: number, gid: number): ExtractPart['owner'] {
  if (uid === none && gid === none) return undefined;
  return { uid: uid === none ? undefined : uid, gid: gid === none ? undefined : gid };
}
