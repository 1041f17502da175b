import { describe, expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import { encodeCbor, type CborMap } from './cbor.ts';
import { cborValueAt } from './cbor-field.ts';

const everything: CborMap = {
  a: { nested: [{ deep: [1, -1, 'x'] }, null, true, 1.5], text: 'y'.repeat(300), number: 2 ** 40 },
  b: new Uint8Array(70_000),
  c: Array.from({ length: 30 }, (_, i) => i * 100),
  d: 1.5,
  e: '',
  k: 7,
  z: false,
};

describe('one field of an encoded map', () => {
  it('is where decoding finds it, whatever stands before', () => {
    const bytes = encodeCbor(everything);
    for (const [letter, value] of Object.entries(everything)) {
      const at = cborValueAt(bytes, letter);
      const encoded = encodeCbor(value ?? null);
      expect(bytes.subarray(at, (at ?? 0) + encoded.length)).toEqual(encoded);
    }
    expect(cborValueAt(bytes, 'f')).toBeUndefined();
    expect(cborValueAt(encodeCbor({}), 'k')).toBeUndefined();
  });

  it('is not found in what is cut off, in other forms, and in what is no such map', () => {
    const bytes = encodeCbor(everything);
    const last = cborValueAt(bytes, 'k') as number;
    for (const length of [0, 1, 2, 3, 10, 400, 60_000, last]) {
      expect(cborValueAt(bytes.subarray(0, length), 'k')).toBeUndefined();
    }
    expect(cborValueAt(encodeCbor({ key: 1, k: 2 }), 'k')).toBe(3);
    expect(cborValueAt(encodeCbor({ aa: 1, bb: 2 }), 'k')).toBeUndefined();
    for (const other of [encodeCbor([1, 2]), encodeCbor('k'), utf8('k')]) {
      expect(cborValueAt(other, 'k')).toBeUndefined();
    }
    // Indefinite lengths, and lengths that lead far beyond the end.
    for (const head of [0x9f, 0xbf, 0x5f, 0x5b, 0x9b, 0xbb, 0x1c]) {
      const odd = Uint8Array.of(0xa2, 0x61, 0x61, head, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x61, 0x6b, 1);
      expect(cborValueAt(odd, 'k')).toBeUndefined();
    }
  });
});
