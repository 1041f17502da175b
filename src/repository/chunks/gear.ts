import { createHash } from 'node:crypto';
import { gearModule } from './gear-code.ts';

/** Sizes in bytes; `average` is a power of two. Kept in the repository's configuration. */
export interface ChunkSizes {
  readonly minimum: number;
  readonly average: number;
  readonly maximum: number;
}

export const defaultChunkSizes: ChunkSizes = { minimum: 256 * 1024, average: 1024 * 1024, maximum: 4 * 1024 * 1024 };

/** Memory in which chunks are looked for. */
export interface GearSpace {
  readonly bytes: Buffer;
  /** Finds the end of the chunk that begins at `from`; equals `to` when no boundary is found before it. */
  find(from: number, to: number): number;
}

/** Makes spaces of `length` bytes to read content into. */
export type Gear = (length: number) => GearSpace;

/**
 * Keyed gear chunking, algorithm `gear32-v1`: h = (h << 1) + G[byte] over 32 bits; a boundary lies after a byte where the
 * top bits of h are zero. Two masks pull the sizes towards the average (normalised chunking). The table G is derived from
 * the repository's chunker key: without it the boundaries of a known file cannot be predicted (what remains of chunking
 * attacks is in docs/format.md, "Threat model").
 */
export function createGear(key: Uint8Array, sizes: ChunkSizes): Gear {
  const table = gearTable(key);
  const bits = Math.log2(sizes.average);
  const strict = maskOfTopBits(bits + 1);
  const loose = maskOfTopBits(bits - 2);
  const module = new WebAssembly.Module(gearModule());
  return (length) => {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((tableBytes + length) / pageBytes) });
    new Int32Array(memory.buffer, 0, table.length).set(table);
    const { exports } = new WebAssembly.Instance(module, { m: { m: memory } });
    const scan = exports['find'] as Scan;
    return {
      bytes: Buffer.from(memory.buffer, tableBytes, length),
      find(from, to) {
        const end = Math.min(to, from + sizes.maximum);
        if (end - from <= sizes.minimum) return end;
        const warm = from + sizes.minimum;
        const middle = Math.min(end, from + sizes.average);
        const [at, looking, changing, last] = [warm - 32, warm, middle, end].map((place) => place + tableBytes);
        return scan(at as number, looking as number, changing as number, last as number, strict, loose) - tableBytes;
      },
    };
  };
}

// Node's types do not know WebAssembly without those of a browser; this much of it is used (WebAssembly JavaScript API).
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

type Scan = (at: number, warm: number, middle: number, end: number, strict: number, loose: number) => number;

const tableBytes = 1024;
const pageBytes = 65_536;

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
