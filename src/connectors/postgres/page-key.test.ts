import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pageKey, unbounded } from './page-key.ts';

const int8 = 'pg_catalog.int8';
const text = 'pg_catalog.text';

function sorted(values: readonly (readonly string[])[], bases: readonly string[]): void {
  const keys = values.map((value) => pageKey(value, bases));
  expect([...keys].sort()).toEqual(keys);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(unbounded < key).toBe(true);
}

describe('keys of pages sort as the server sorts the values', () => {
  test('integers', () => {
    const values = ['-9223372036854775808', '-4294967296', '-1', '0', '1', '255', '256', '9223372036854775807'];
    sorted(
      values.map((value) => [value]),
      [int8],
    );
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (a, b) => {
        expect(pageKey([String(a)], [int8]) < pageKey([String(b)], [int8])).toBe(a < b);
      }),
    );
  });

  test('texts, byte by byte, zero bytes and what begins with another included', () => {
    sorted(
      [[''], ['\0'], ['\0\0'], ['\0a'], ['\u0001'], ['A'], ['a'], ['a\0'], ['a\u0001'], ['aa'], ['é'], ['漢'], ['😀']],
      [text],
    );
  });

  test('uuid, boolean, bytea', () => {
    sorted(
      [
        ['00000000-0000-0000-0000-000000000001'],
        ['A0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
        ['f0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
      ],
      ['pg_catalog.uuid'],
    );
    sorted([['f'], ['t']], ['pg_catalog.bool']);
    sorted([['\\x'], ['\\x00'], ['\\x0000'], ['\\x00ff'], ['\\x01'], ['\\xff']], ['pg_catalog.bytea']);
  });

  test('times, before Christ, to the microsecond, and infinite', () => {
    const times = [
      '-infinity',
      '4714-11-24 00:00:00+00 BC',
      '0001-12-31 00:00:00+00 BC',
      '0001-01-01 00:00:00+00',
      '1969-12-31 23:59:59.999999+00',
      '1970-01-01 00:00:00+00',
      '2024-02-29 12:00:00+00',
      '2024-02-29 12:00:00.000001+00',
      '2024-02-29 12:00:00.1+00',
      '2024-03-01 00:00:00+00',
      '294276-12-31 23:59:59.999999+00',
      'infinity',
    ];
    sorted(
      times.map((time) => [time]),
      ['pg_catalog.timestamptz'],
    );
    sorted([['1999-12-31'], ['2000-01-01'], ['10000-01-01']], ['pg_catalog.date']);
    expect(pageKey(['2001-09-09 01:46:40+00'], ['pg_catalog.timestamptz'])).toBe(
      `8000${pageKey(['1000000000000000'], [int8]).replace('8', '0')}`,
    );
  });

  test('several columns: the first decides, whatever its length', () => {
    sorted(
      [
        ['', '5'],
        ['a', '-1'],
        ['a', '7'],
        ['a\0', '0'],
        ['ab', '-9'],
      ],
      [text, int8],
    );
    sorted(
      [
        ['-1', 'z'],
        ['1', ''],
        ['1', 'a'],
        ['2', ''],
      ],
      [int8, text],
    );
  });
});
