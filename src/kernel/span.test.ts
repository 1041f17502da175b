import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSpan, parseSpan, timeBefore, type Span } from './span.ts';

const before = (time: string, span: string): string =>
  new Date(timeBefore(Date.parse(time), parseSpan(span) as Span)).toISOString();

test.each([
  ['2026-11-20T02:00:00.000Z', '30d', '2026-10-21T02:00:00.000Z'],
  ['2026-11-20T02:00:00.000Z', '1y6m', '2025-05-20T02:00:00.000Z'],
  ['2026-11-20T02:00:00.000Z', '2w3d12h', '2026-11-02T14:00:00.000Z'],
  ['2026-03-31T10:00:00.000Z', '1m', '2026-02-28T10:00:00.000Z'],
  ['2028-03-31T10:00:00.000Z', '1m', '2028-02-29T10:00:00.000Z'],
  ['2028-02-29T10:00:00.000Z', '1y', '2027-02-28T10:00:00.000Z'],
  ['2026-01-15T10:00:00.000Z', '1m', '2025-12-15T10:00:00.000Z'],
  ['2026-01-15T10:00:00.000Z', '0h', '2026-01-15T10:00:00.000Z'],
])('%s before %s is %s', (time, span, expected) => {
  expect(before(time, span)).toBe(expected);
});

test.each(['', '30', 'd', '1d1y', '1.5d', '-1d', '1 d', '30days', '1000000y'])('%s is no span', (text) => {
  expect(parseSpan(text)).toBeUndefined();
});

test('more than all of time is before everything', () => {
  expect(timeBefore(0, parseSpan('99999y') as Span)).toBeLessThan(-8e14);
});

test('what is printed reads back; a longer span never ends later', () => {
  const part = fc.integer({ min: 0, max: 400 });
  const spans = fc.record({ years: part, months: part, weeks: part, days: part, hours: part });
  fc.assert(
    fc.property(
      spans,
      fc.constantFrom('years', 'months', 'weeks', 'days', 'hours'),
      fc.nat(4e12),
      (span, key, time) => {
        expect(parseSpan(formatSpan(span))).toEqual(span);
        expect(timeBefore(time, { ...span, [key]: span[key] + 1 })).toBeLessThanOrEqual(timeBefore(time, span));
      },
    ),
    { numRuns: 1000 },
  );
});
