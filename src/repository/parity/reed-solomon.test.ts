import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { inverse, invert, multiply } from './galois.ts';
import { encodeShards, parityRows, planRecovery } from './reed-solomon.ts';

const byte = fc.integer({ min: 0, max: 255 });

describe('GF(2^8)', () => {
  it('is a field: products commute, associate, distribute, and every number but 0 has an inverse', () => {
    fc.assert(
      fc.property(byte, byte, byte, (a, b, c) => {
        expect(multiply(a, b)).toBe(multiply(b, a));
        expect(multiply(a, multiply(b, c))).toBe(multiply(multiply(a, b), c));
        expect(multiply(a, b ^ c)).toBe(multiply(a, b) ^ multiply(a, c));
        expect(multiply(a, 1)).toBe(a);
      }),
      { numRuns: runs(1000, 20_000) },
    );
    for (let a = 1; a < 256; a++) expect(multiply(a, inverse(a))).toBe(1);
  });

  it('multiplies as the polynomial says', () => {
    const slowly = (a: number, b: number): number => {
      let product = 0;
      for (let x = a, y = b; y > 0; y >>= 1, x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1) if (y & 1) product ^= x;
      return product;
    };
    for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b += 3) expect(multiply(a, b)).toBe(slowly(a, b));
  });

  it('every square part of the coefficients can be inverted', () => {
    const part = fc
      .record({ data: fc.integer({ min: 1, max: 40 }), parity: fc.integer({ min: 1, max: 12 }) })
      .chain(({ data, parity }) =>
        fc.record({
          rows: fc.constant(parityRows(data, parity)),
          chosen: fc.uniqueArray(fc.nat({ max: parity - 1 }), { minLength: 1, maxLength: Math.min(data, parity) }),
          columns: fc.shuffledSubarray(Array.from({ length: data }, (_, j) => j)),
        }),
      );
    fc.assert(
      fc.property(part, ({ rows, chosen, columns }) => {
        if (columns.length < chosen.length) return;
        const square = chosen.map((i) => columns.slice(0, chosen.length).map((j) => rows[i]?.[j] as number));
        const inverted = invert(square) as number[][];
        square.forEach((row, i) =>
          inverted.forEach((_, j) => {
            const sum = row.reduce((total, c, n) => total ^ multiply(c, inverted[n]?.[j] as number), 0);
            expect(sum).toBe(Number(i === j));
          }),
        );
      }),
      { numRuns: runs(1000, 20_000) },
    );
    expect(invert([[0]])).toBeUndefined();
    expect(
      invert([
        [1, 2],
        [1, 2],
      ]),
    ).toBeUndefined();
  });
});

describe('parity shards', () => {
  it('are what the coefficients say, for any number of rows', () => {
    for (const parity of [1, 2, 4, 5, 9]) {
      const [data, shard] = [7, 20_000];
      const bytes = Uint8Array.from({ length: data * shard }, (_, i) => (i * 7919 + (i >> 8)) & 255);
      const rows = parityRows(data, parity);
      const encoded = encodeShards(bytes, shard, rows);
      for (let p = 0; p < shard; p += 997) {
        for (let i = 0; i < parity; i++) {
          const row = rows[i] as number[];
          const sum = row.reduce((total, c, j) => total ^ multiply(c, bytes[j * shard + p] as number), 0);
          expect(encoded[i * shard + p]).toBe(sum);
        }
      }
    }
  });

  it('recover as many as there are of them, and say so when more are lost', () => {
    const rows = parityRows(16, 2);
    expect(planRecovery(16, rows, (n) => n === 3 || n === 9)?.lost).toEqual([3, 9]);
    expect(planRecovery(16, rows, (n) => n === 3 || n === 16)?.sources).toContain(17);
    expect(planRecovery(16, rows, (n) => n === 3 || n === 9 || n === 10)).toBeUndefined();
    expect(planRecovery(16, rows, (n) => n === 3 || n >= 16)).toBeUndefined();
  });
});
