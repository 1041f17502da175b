import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  string,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCopyLine } from '../copy-text.ts';
import { createLineFinder, eachLine, fieldsOf, linesWith, wholeLines } from './find-lines.ts';

const value = oneof(
  constantFrom('', 'a', 'aa', '1', '11', '\\N', '\t', '\n', 'é', 'a\tb', '\\'),
  constant(null),
  string({ maxLength: 4 }),
);

describe('rows found by their bytes', () => {
  test('are those that decoding them finds, whatever they hold and wherever pieces are cut', async () => {
    await assert(
      asyncProperty(
        integer({ min: 1, max: 4 }).chain((width) => array(array(value, { minLength: width, maxLength: width }))),
        constantFrom('', 'a', '1', '11', '\t', 'é', '\\N'),
        nat(3),
        integer({ min: 1, max: 9 }),
        async (rows, wanted, place, cut) => {
          const [width, column] = [rows[0]?.length ?? 1, place % (rows[0]?.length ?? 1)];
          const bytes = Buffer.from(rows.map((row) => `${formatCopyLine(row)}\n`).join(''));
          const field = Buffer.from(formatCopyLine([wanted]));
          const found: string[] = [];
          const fields: (string | undefined)[] = [];
          for await (const block of wholeLines(pieces(bytes, cut))) {
            found.push(...linesWith(block, column, width, field).map(String));
            for (const { start, end } of eachLine(block)) fields.push(fieldsOf(block, start, end, [column]));
          }
          expect(found).toEqual(rows.filter((row) => row[column] === wanted).map((row) => `${formatCopyLine(row)}\n`));
          expect(fields).toEqual(
            rows.map((row) => (row[column] === null ? undefined : formatCopyLine([row[column] ?? '']))),
          );
        },
      ),
    );
  });
});

test('rows with one of many values are those that decoding them finds', () => {
  assert(
    property(
      array(array(value, { minLength: 3, maxLength: 3 })),
      array(array(oneof(string({ maxLength: 2 }), constantFrom('1', '\ufffd', '\t')), { minLength: 3, maxLength: 3 })),
      (rows, others) => {
        for (const columns of [[0], [2], [2, 0]]) {
          const field = (row: readonly (string | null)[]): string => formatCopyLine(columns.map((i) => row[i] ?? null));
          const isSet = (row: readonly (string | null)[]): boolean => columns.every((i) => row[i] !== null);
          const wanted = new Set([...rows.filter((_, i) => i % 3 === 0), ...others].filter(isSet).map(field));
          const bytes = Buffer.from(rows.map((row) => `${formatCopyLine(row)}\n`).join(''));
          expect(createLineFinder(columns, wanted)(bytes).map(String)).toEqual(
            rows.filter((row) => isSet(row) && wanted.has(field(row))).map((row) => `${formatCopyLine(row)}\n`),
          );
        }
      },
    ),
  );
});

test('a key that was no UTF-8 is found as before, by what it reads as', () => {
  const block = Buffer.from([0x31, 0xff, 0x09, 0x61, 0x0a, 0x32, 0x09, 0x62, 0x0a]);
  expect(createLineFinder([0], new Set(['1\ufffd']))(block)).toEqual([block.subarray(0, 5)]);
});

async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}
