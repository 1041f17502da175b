import { expect, it } from 'vitest';
import { createKnownTexts } from './known-texts.ts';

it('gives each text as it is, however many share its place in the table, and none that is not ASCII', () => {
  const known = createKnownTexts();
  const texts = ['', 'a', 'mode', 'edom', ...Array.from({ length: 5000 }, (_, i) => `key${i % 2500}`)];
  for (const text of texts) {
    const bytes = Buffer.from(`before${text}after`);
    expect(known(bytes, 6, text.length)).toBe(text);
  }
  expect(known(Buffer.from('é'), 0, 2)).toBeUndefined();
  expect(known(Buffer.from([0x61, 0x80]), 0, 2)).toBeUndefined();
});
