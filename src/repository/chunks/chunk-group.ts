import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes } from '../../kernel/bytes.ts';
import { createByteReader } from '../format/reader.ts';
import { createByteWriter } from '../format/writer.ts';

/** The beginning of a chunk group's plaintext: number of chunks and their lengths. Their bytes follow, one after another. */
export function encodeChunkLengths(lengths: readonly number[]): Uint8Array {
  const writer = createByteWriter(16 + lengths.length * 4);
  writer.varint(lengths.length);
  for (const length of lengths) writer.varint(length);
  return writer.take();
}

/** Plaintext of a chunk group. */
export function encodeChunkGroup(lengths: readonly number[], data: Uint8Array): Uint8Array {
  return concatBytes([encodeChunkLengths(lengths), data]);
}

/**
 * The chunks as views. Zeros may follow the last one: room for writers that hide lengths by padding. Throws
 * repository.corrupt for anything else there, or for lengths that do not fit.
 */
export function decodeChunkGroup(plain: Uint8Array, where: string): Buffer[] {
  const reader = createByteReader(plain, where);
  const count = reader.varint();
  if (count > plain.length) throw new HoldfastError('repository.corrupt', `${where} announces ${count} chunks`);
  const lengths: number[] = [];
  for (let i = 0; i < count; i++) lengths.push(reader.varint());
  const chunks = lengths.map((length) => asBuffer(reader.bytes(length)));
  if (reader.bytes(reader.left).some((byte) => byte !== 0)) {
    throw new HoldfastError('repository.corrupt', `${where} holds bytes after its last chunk`);
  }
  return chunks;
}
