import { createHash } from 'node:crypto';

/** Sizes in bytes; `average` is a power of two. Kept in the repository's configuration. */
export interface ChunkSizes {
  readonly minimum: number;
  readonly average: number;
  readonly maximum: number;
}

export const defaultChunkSizes: ChunkSizes = { minimum: 256 * 1024, average: 1024 * 1024, maximum: 4 * 1024 * 1024 };

/** Finds the end of the chunk that begins at `from`; equals `to` when no boundary is found before it. */
export type FindBoundary = (bytes: Uint8Array, from: number, to: number) => number;

/**
 * Keyed gear chunking, algorithm `gear32-v1`: h = (h << 1) + G[byte] over 32 bits; a boundary lies after a byte where the
 * top bits of h are zero. Two masks pull the sizes towards the average (normalised chunking). The table G is derived from
 * the repository's chunker key: without it the boundaries of a known file cannot be predicted (what remains of chunking
 * attacks is in docs/format.md, "Threat model").
 */
export function createGear(key: Uint8Array, sizes: ChunkSizes): FindBoundary {
  const table = gearTable(key);
  const bits = Math.log2(sizes.average);
  const strict = maskOfTopBits(bits + 1);
  const loose = maskOfTopBits(bits - 2);
  return (bytes, from, to) => {
    const end = Math.min(to, from + sizes.maximum);
    if (end - from <= sizes.minimum) return end;
    const middle = Math.min(end, from + sizes.average);
    let hash = 0;
    let at = from + sizes.minimum - 32;
    for (const warm = from + sizes.minimum; at < warm; at++)
      hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
    for (; at < middle; at++) {
      hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
      if ((hash & strict) === 0) return at + 1;
    }
    for (; at < end; at++) {
      hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
      if ((hash & loose) === 0) return at + 1;
    }
    return end;
  };
}

// Only the top bits have seen all of the last 32 bytes.
function maskOfTopBits(bits: number): number {
  return (0xffffffff << (32 - bits)) | 0;
}

function gearTable(key: Uint8Array): Int32Array {
  const table = new Int32Array(256);
  for (let block = 0; block < 32; block++) {
    const digest = createHash('sha256').update(key).update(Uint8Array.of(block)).digest();
    for (let i = 0; i < 8; i++) table[block * 8 + i] = digest.readInt32LE(i * 4);
  }
  return table;
}
