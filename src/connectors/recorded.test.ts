import { expect, test } from 'vitest';
import { createRecorded } from './recorded.ts';

test('knows what was added, and nothing else', () => {
  const recorded = createRecorded();
  expect(recorded.has('k')).toBe(false);
  for (let i = 0; i < 5000; i++) recorded.add(`key ${i}`, Buffer.from([i & 0xff]));
  for (let i = 0; i < 5000; i++) expect(recorded.has(`key ${i}`, Buffer.from([i & 0xff]))).toBe(true);
  for (let i = 0; i < 5000; i++) expect(recorded.has(`key ${i}`, Buffer.from([(i + 1) & 0xff]))).toBe(false);
  recorded.add('later');
  expect(recorded.has('later')).toBe(true);
  expect(recorded.has('key 17', Buffer.from([17]))).toBe(true);
});

test('tells parts apart where their bytes together are the same', () => {
  const recorded = createRecorded();
  recorded.add('ab', 'c');
  expect([recorded.has('a', 'bc'), recorded.has('abc'), recorded.has('ab', 'c', '')]).toEqual([false, false, false]);
});
