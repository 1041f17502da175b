import { array, assert, asyncProperty, constant, constantFrom, integer, nat, oneof, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCopyLine } from '../copy-text.ts';
import { eachLine, fieldsOf, linesWith, wholeLines } from './find-lines.ts';

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

async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}
