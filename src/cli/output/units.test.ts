import { expect, test } from 'vitest';
import { countOf, formatBytes, formatCount, formatDuration, formatTime } from './units.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1024 * 1024 - 1, '1.0 MiB'],
  [1536 * 1024, '1.5 MiB'],
  [200 * 1024 ** 3, '200 GiB'],
  [3 * 1024 ** 5, '3.0 PiB'],
  [5000 * 1024 ** 5, '5000 PiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('counts have thousands separators and agree with their noun', () => {
  expect(formatCount(1234567)).toBe('1,234,567');
  expect(countOf(1, 'entry', 'entries')).toBe('1 entry');
  expect(countOf(3412, 'entry', 'entries')).toBe('3,412 entries');
});

test('durations are a clock, times are ISO in UTC', () => {
  expect(formatDuration(41_400)).toBe('0:41');
  expect(formatDuration(3_729_000)).toBe('1:02:09');
  expect(formatDuration(-5)).toBe('0:00');
  expect(formatTime(Date.UTC(2026, 10, 20, 2, 0, 0, 512))).toBe('2026-11-20T02:00:00Z');
});
