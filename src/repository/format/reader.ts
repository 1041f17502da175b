import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';

/** Reads what a ByteWriter wrote. Every read past the end is repository.corrupt, never undefined. */
export interface ByteReader {
  u8(): number;
  u32(): number;
  u16be(): number;
  u32be(): number;
  f64(): number;
  varint(): number;
  /** A view, not a copy. */
  bytes(length: number): Uint8Array;
  text(length: number): string;
  readonly left: number;
}

export function createByteReader(source: Uint8Array, what: string): ByteReader {
  const buffer = asBuffer(source);
  let at = 0;
  function advance(length: number): number {
    if (length < 0 || at + length > buffer.length) {
      throw new HoldfastError(
        'repository.corrupt',
        `${what} ends early: ${length} bytes wanted at ${at} of ${buffer.length}`,
      );
    }
    const from = at;
    at += length;
    return from;
  }
  return {
    u8: () => buffer[advance(1)] as number,
    u32: () => buffer.readUInt32LE(advance(4)),
    u16be: () => buffer.readUInt16BE(advance(2)),
    u32be: () => buffer.readUInt32BE(advance(4)),
    f64: () => buffer.readDoubleBE(advance(8)),
    varint() {
      let value = 0;
      let scale = 1;
      for (let i = 0; i < 8; i++) {
        const byte = buffer[advance(1)] as number;
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) {
          // Of one number there is one form: the shortest.
          if (!Number.isSafeInteger(value) || (byte === 0 && i > 0)) break;
          return value;
        }
        scale *= 128;
      }
      throw new HoldfastError('repository.corrupt', `${what} holds a number in no known form at ${at}`);
    },
    bytes(length) {
      const from = advance(length);
      return buffer.subarray(from, from + length);
    },
    text(length) {
      const from = advance(length);
      return buffer.toString('utf8', from, from + length);
    },
    get left() {
      return buffer.length - at;
    },
  };
}
