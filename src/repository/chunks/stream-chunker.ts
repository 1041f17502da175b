import { asBuffer } from '../../kernel/bytes.ts';
import type { ChunkSizes, Gear } from './gear.ts';

/** Cuts a stream into chunks, independent of the pieces it arrives in. One buffer, reused from stream to stream. */
export interface StreamChunker {
  /** Free space to read into; call `filled` with what was read. */
  space(): Buffer;
  filled(length: number): void;
  push(bytes: Uint8Array): void;
  /** Cuts what is left and makes ready for the next stream. */
  end(): void;
  reset(): void;
}

export function createStreamChunker(
  gear: Gear,
  sizes: ChunkSizes,
  onChunk: (chunk: Uint8Array) => void,
): StreamChunker {
  const space = gear(sizes.maximum * 2);
  const buffer = space.bytes;
  let from = 0;
  let to = 0;

  function cut(final: boolean): void {
    while (to - from >= sizes.maximum || (final && to > from)) {
      const end = space.find(from, to);
      onChunk(buffer.subarray(from, end));
      from = end;
    }
    if (from > 0 && (final || buffer.length - to < sizes.maximum / 2)) {
      buffer.copy(buffer, 0, from, to);
      to -= from;
      from = 0;
    }
  }
  return {
    space: () => buffer.subarray(to),
    filled(length) {
      to += length;
      cut(false);
    },
    push(bytes) {
      for (let at = 0; at < bytes.length;) {
        const length = Math.min(bytes.length - at, buffer.length - to);
        asBuffer(bytes).copy(buffer, to, at, at + length);
        at += length;
        to += length;
        cut(false);
      }
    },
    end() {
      cut(true);
      from = 0;
      to = 0;
    },
    reset() {
      from = 0;
      to = 0;
    },
  };
}
