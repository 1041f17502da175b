import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { createGear, defaultChunkSizes, type ChunkSizes } from './gear.ts';
import { createStreamChunker } from './stream-chunker.ts';

const small: ChunkSizes = { minimum: 64, average: 256, maximum: 1024 };
const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7);
const numRuns = runs(200, 10_000);

/** Bytes without repetitions, from a seed (xorshift32). */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let x = seed | 1;
  for (let i = 0; i < length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x >>> 8;
  }
  return bytes;
}

function chunker(sizes: ChunkSizes, chunkerKey = key) {
  const chunks: Buffer[] = [];
  const stream = createStreamChunker(createGear(chunkerKey, sizes), sizes, (chunk) => chunks.push(Buffer.from(chunk)));
  return { chunks, stream };
}

function cut(bytes: Buffer, sizes = small, chunkerKey = key): Buffer[] {
  const { chunks, stream } = chunker(sizes, chunkerKey);
  stream.push(bytes);
  stream.end();
  return chunks;
}

const contents = fc.oneof(
  fc.tuple(fc.nat({ max: 20_000 }), fc.nat()).map(([length, seed]) => noise(length, seed)),
  fc.tuple(fc.nat({ max: 9000 }), fc.nat({ max: 255 })).map(([length, byte]) => Buffer.alloc(length, byte)),
);

describe('chunker', () => {
  it('leaves no gap and no overlap, and keeps to the smallest and largest size', () => {
    fc.assert(
      fc.property(contents, (bytes) => {
        const chunks = cut(bytes);
        expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
        chunks.forEach((chunk, i) => {
          if (chunk.length > small.maximum) throw new Error(`chunk ${i} has ${chunk.length} bytes`);
          if (chunk.length <= small.minimum && i < chunks.length - 1) throw new Error(`chunk ${i} is too small`);
          if (chunk.length === 0) throw new Error(`chunk ${i} is empty`);
        });
      }),
      { numRuns },
    );
  });

  it('cuts the same chunks whatever the pieces, pushed or read into its own space, also after a reset', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(contents, pieces, fc.boolean(), (bytes, sizes, ownSpace) => {
        const { chunks, stream } = chunker(small);
        stream.push(noise(700, 5));
        stream.reset();
        chunks.length = 0;
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const wanted = Math.min(sizes[i % sizes.length] as number, bytes.length - at);
          if (ownSpace) {
            const space = stream.space();
            const length = Math.min(wanted, space.length);
            expect(length).toBeGreaterThan(0);
            bytes.copy(space, 0, at, at + length);
            stream.filled(length);
            at += length;
          } else {
            stream.push(bytes.subarray(at, at + wanted));
            at += wanted;
          }
        }
        stream.end();
        expect(chunks.map((chunk) => chunk.length)).toEqual(cut(bytes).map((chunk) => chunk.length));
      }),
      { numRuns },
    );
  });

  it('finds its boundaries again after ten bytes were inserted', () => {
    const before = noise(12 * 1024 * 1024, 77);
    const at = 3_000_000;
    const after = Buffer.concat([before.subarray(0, at), noise(10, 3), before.subarray(at)]);
    const known = new Set(cut(before, defaultChunkSizes).map((chunk) => chunk.toString('latin1')));
    const fresh = cut(after, defaultChunkSizes).filter((chunk) => !known.has(chunk.toString('latin1')));
    expect(fresh.length).toBeLessThanOrEqual(3);
    expect(known.size).toBeGreaterThan(5);
  });

  it('keeps near the average, and cuts elsewhere under another key', () => {
    const bytes = noise(2_000_000, 9);
    const lengths = cut(bytes).map((chunk) => chunk.length);
    const mean = bytes.length / lengths.length;
    expect(mean).toBeGreaterThan(small.average * 0.6);
    expect(mean).toBeLessThan(small.average * 1.6);
    const ends = (chunks: Buffer[]): Set<number> => {
      let end = 0;
      return new Set(chunks.map((chunk) => (end += chunk.length)));
    };
    const other = ends(
      cut(
        bytes,
        small,
        Uint8Array.from(key, (byte) => byte ^ 1),
      ),
    );
    const shared = [...ends(cut(bytes))].filter((end) => other.has(end));
    expect(shared.length).toBeLessThan(lengths.length * 0.05);
  });
});
