import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCode } from '../../kernel/errors.ts';
import { runs } from '../../../test/runs.ts';
import { decodeCbor, encodeCbor, type Cbor } from './cbor.ts';

const numRuns = runs(300, 20_000);

const keys = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', '10', '2', 'é'),
);
const leaves = fc.oneof(
  fc.constantFrom(null, true, false, 0, -0, -1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 70 }),
);
const values: fc.Arbitrary<Cbor> = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, leaves, fc.array(tie('value'), { maxLength: 5 }), maps(tie('value'))),
})).value;

function maps(value: fc.Arbitrary<Cbor>): fc.Arbitrary<Cbor> {
  return fc.array(fc.tuple(keys, value), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs));
}

/** Byte strings come back as views: made comparable. */
function plain(value: Cbor | undefined): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map((item: Cbor) => plain(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .map(([key, item]) => [key, plain(item)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Anything but repository.corrupt that is thrown goes on to the test. */
function isCorrupt(bytes: Uint8Array): boolean {
  try {
    decodeCbor(bytes, 'noise');
    return false;
  } catch (error) {
    if (!isCode(error, 'repository.corrupt')) throw error;
    return true;
  }
}

describe('cbor', () => {
  it('gives back what went in', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(plain(decodeCbor(encodeCbor(value), 'a value'))).toEqual(plain(value));
      }),
      { numRuns },
    );
  });

  it('gives equal bytes for equal values, whatever the order in which keys were set', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(keys, leaves), { selector: ([key]) => key, maxLength: 12 }), (pairs) => {
        const forward = encodeCbor(Object.fromEntries(pairs));
        expect(encodeCbor(Object.fromEntries([...pairs].reverse()))).toEqual(forward);
        expect(encodeCbor(decodeCbor(forward, 'a value'))).toEqual(forward);
      }),
      { numRuns },
    );
  });

  it('orders keys by length, then bytes, and writes the shortest heads (RFC 8949, 4.2)', () => {
    expect(Buffer.from(encodeCbor({ bb: 1, a: 24, é: -1, B: 1.5 })).toString('hex')).toBe(
      'a46142fb3ff8000000000000616118186262620162c3a920',
    );
  });

  it('keeps a key __proto__ a key', () => {
    const value = decodeCbor(encodeCbor(JSON.parse('{"__proto__":{"admin":true},"a":1}') as Cbor), 'a document');
    expect(Object.keys(value as object).sort()).toEqual(['__proto__', 'a']);
    expect((value as { admin?: boolean }).admin).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('calls every truncation, every flip and any noise corrupt, or reads it; nothing else', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
        const bytes = encodeCbor(value);
        for (let end = 0; end < bytes.length; end++)
          if (!isCorrupt(bytes.subarray(0, end))) throw new Error(`the first ${end} bytes were taken for whole`);
        const flipped = Uint8Array.from(bytes);
        flipped[at % bytes.length] = (flipped[at % bytes.length] as number) ^ flip;
        isCorrupt(flipped);
      }),
      { numRuns: runs(150, 5000) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => void isCorrupt(noise)),
      { numRuns: numRuns * 4 },
    );
  });

  it('refuses to write what it could not read back', () => {
    let nested: Cbor = 1;
    for (let i = 0; i < 64; i++) nested = [nested];
    expect(decodeCbor(encodeCbor(nested), 'deep')).toEqual(nested);
    expect(() => encodeCbor([nested])).toThrow(/nested deeper/);
    // And the writer is not left with half a value.
    expect(Buffer.from(encodeCbor(1)).toString('hex')).toBe('01');
  });
});
