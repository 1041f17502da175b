import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, displayWidth, printable, shorten } from './text.ts';

test('widths: colours count nothing, East Asian characters and emoji two, combining marks nothing', () => {
  expect(displayWidth('\u001b[31mred\u001b[39m')).toBe(3);
  expect(displayWidth('日本')).toBe(4);
  expect(displayWidth('🚀')).toBe(2);
  expect(displayWidth('e\u0301')).toBe(1);
});

test('shortened text fits and keeps both ends; short text stays', () => {
  expect(shorten('lambda-functions/worker@eu-west-1', 15)).toBe('lambda-…-west-1');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (raw, width) => {
      const text = printable(raw);
      expect(displayWidth(shorten(text, width))).toBeLessThanOrEqual(width);
      expect(displayWidth(cut(text, width))).toBeLessThanOrEqual(width);
      if (displayWidth(text) <= width) expect(shorten(text, width)).toBe(text);
    }),
  );
});

test('nothing that moves a cursor survives', () => {
  expect(printable('a\u001b[2Jb\rc\u009bd\n\te')).toBe('a\\x1b[2Jb\\x0dc\\x9bd\n\te');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const character of printable(text)) {
        const code = character.charCodeAt(0);
        expect(code >= 32 || code === 9 || code === 10).toBe(true);
        expect(code >= 127 && code < 160).toBe(false);
      }
    }),
  );
});
