import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayBytes, hex, parseDisplay } from '../../src/kernel/bytes.ts';
import { isCode } from '../../src/kernel/errors.ts';
import { decodeCbor, encodeCbor, type Cbor } from '../../src/repository/format/cbor.ts';
import { parsePrivateKey, privateKeyText } from '../../src/repository/keys/key-text.ts';
import { settings } from './cases.ts';

const leaf = fc.oneof(
  fc.constantFrom<Cbor>(null, true, false, -0),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary', maxLength: 9 }),
  fc.uint8Array({ maxLength: 40 }),
);
const value: fc.Arbitrary<Cbor> = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

test('CBOR: of one value there is one form, and no other bytes are taken for it', () => {
  fc.assert(
    fc.property(value, fc.nat(), fc.nat({ max: 254 }), (one, place, change) => {
      const bytes = encodeCbor(one);
      expect(hex(encodeCbor(decodeCbor(bytes, 'it')))).toBe(hex(bytes));
      const other = Buffer.from(bytes);
      const at = place % other.length;
      other[at] = ((other[at] as number) + 1 + change) & 0xff;
      try {
        expect(hex(encodeCbor(decodeCbor(other, 'it')))).toBe(hex(other));
      } catch (error) {
        if (!isCode(error, 'repository.corrupt')) throw error;
      }
    }),
    settings,
  );
});

test('keys on paper: read back in capitals, with spaces for dashes, they are the same; with one character wrong they are none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(), (privateKey, place) => {
      const text = privateKeyText('recovery', { privateKey });
      expect(
        hex(
          parsePrivateKey(
            'recovery',
            text.toUpperCase().replaceAll('-', ' ').replace('HOLDFAST RECOVERY KEY 1', 'holdfast-recovery-key-1'),
            'it',
          ).privateKey,
        ),
      ).toBe(hex(privateKey));
      const digits = [...text.matchAll(/(?<=: .*)[a-z2-7]/g)].map(({ index }) => index);
      const at = digits[place % (digits.length - 1)] as number;
      const wrong = text.slice(0, at) + (text[at] === 'q' ? 'r' : 'q') + text.slice(at + 1);
      expect(() => parsePrivateKey('recovery', wrong, 'it')).toThrow(expect.objectContaining({ code: 'key.invalid' }));
    }),
    settings,
  );
});

test('names: any bytes are shown as text, and the text gives the bytes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      expect(hex(parseDisplay(displayBytes(bytes)))).toBe(hex(bytes));
    }),
    settings,
  );
});
