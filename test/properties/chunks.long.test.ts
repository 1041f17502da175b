import * as fc from 'fast-check';
import { createSecretKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { concatBytes, hex } from '../../src/kernel/bytes.ts';
import { decodeChunkGroup, encodeChunkGroup } from '../../src/repository/chunks/chunk-group.ts';
import { createGear } from '../../src/repository/chunks/gear.ts';
import { createStreamChunker } from '../../src/repository/chunks/stream-chunker.ts';
import { openGroup, sealGroup } from '../../src/repository/keys/seal.ts';
import { settings, digest } from './cases.ts';

const sizes = { minimum: 64, average: 256, maximum: 1024 };
const gear = createGear(
  Uint8Array.from({ length: 32 }, (_, i) => i * 7),
  sizes,
);

function cut(pieces: readonly Uint8Array[]): string[] {
  const chunks: string[] = [];
  const chunker = createStreamChunker(gear, sizes, (chunk) => chunks.push(hex(chunk)));
  for (const piece of pieces) chunker.push(Buffer.from(piece));
  chunker.end();
  return chunks;
}

const content = fc
  .tuple(fc.nat({ max: 4000 }), fc.nat())
  .map(([length, seed]) =>
    Buffer.concat(Array.from({ length: Math.ceil(length / 64) }, (_, i) => digest(`${seed}/${i}`))).subarray(0, length),
  );

test('chunks: no gap, no overlap, none larger than the largest', () => {
  fc.assert(
    fc.property(content, (bytes) => {
      const chunks = cut([bytes]);
      expect(chunks.join('')).toBe(hex(bytes));
      expect(chunks.every((chunk) => chunk.length > 0 && chunk.length <= 2 * sizes.maximum)).toBe(true);
    }),
    settings,
  );
});

test('chunks: the same whatever the pieces in which content comes', () => {
  fc.assert(
    fc.property(content, fc.array(fc.nat({ max: 4000 }), { maxLength: 6 }), (bytes, ends) => {
      const marks = [0, ...ends.filter((end) => end < bytes.length).sort((a, b) => a - b), bytes.length];
      const pieces = marks.slice(1).map((end, i) => bytes.subarray(marks[i], end));
      expect(cut(pieces)).toEqual(cut([bytes]));
    }),
    settings,
  );
});

test('groups: what was sealed opens, and with any bit changed it does not', () => {
  const context = { key: createSecretKey(Buffer.alloc(32, 1)), repository: new Uint8Array(16), kind: 'data' as const };
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), fc.nat(), (chunks, bit) => {
      const plain = encodeChunkGroup(
        chunks.map(({ length }) => length),
        concatBytes(chunks),
      );
      const sealed = sealGroup(context, 'chunks', plain, Buffer.alloc(12), 3);
      expect(decodeChunkGroup(openGroup(context, sealed, 'it').plain, 'it').map(hex)).toEqual(chunks.map(hex));
      const at = (bit >> 3) % sealed.length;
      sealed[at] = (sealed[at] as number) ^ (1 << (bit & 7));
      expect(() => openGroup(context, sealed, 'it')).toThrow(expect.objectContaining({ code: 'repository.corrupt' }));
    }),
    settings,
  );
});
