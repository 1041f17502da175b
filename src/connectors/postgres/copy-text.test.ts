import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyLines, formatCopyLine, parseCopyLine, type RowValues } from './copy-text.ts';

async function lines(pieces: readonly Buffer[]): Promise<RowValues[]> {
  const found: RowValues[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  for await (const line of copyLines(source())) found.push(parseCopyLine(line));
  return found;
}

test('what the server escapes comes back, wherever the stream is cut', async () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\\N', '\\.', '\\', '\t\n\r\b\f\v', ''),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
      fc.nat(),
      async (rows, seed) => {
        const bytes = Buffer.from(rows.map((row) => `${formatCopyLine(row)}\n`).join(''));
        const cut = bytes.length === 0 ? 0 : seed % bytes.length;
        expect(await lines([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(rows);
      },
    ),
  );
});

test('NULL and the text that looks like it are apart', () => {
  expect(parseCopyLine(Buffer.from('\\N\t\\\\N\t'))).toEqual([null, '\\N', '']);
  expect(formatCopyLine([null, '\\N', ''])).toBe('\\N\t\\\\N\t');
});

test('a stream that ends within a row is told', async () => {
  await expect(lines([Buffer.from('1\t2\n3')])).rejects.toThrow(/no end/);
});
