import { describe, expect, it } from 'vitest';
import type { TableDocument } from '../table-document.ts';
import { lineBatches } from './line-batches.ts';
import type { TenantLines } from './tenant-rows.ts';

const one = { name: 'one' } as TableDocument;
const other = { name: 'other' } as TableDocument;

async function* pages(...list: readonly (readonly [TableDocument, string])[]): AsyncGenerator<TenantLines> {
  for (const [document, lines] of list) yield { document, lines: Buffer.from(lines) };
}

async function batchesOf(rows: AsyncIterable<TenantLines>): Promise<string[]> {
  const found: string[] = [];
  for await (const { document, lines } of lineBatches(rows)) found.push(`${document.name}: ${lines.toString()}`);
  return found;
}

describe('batches of lines', () => {
  it('are those of neighbouring pages of one table', async () => {
    expect(await batchesOf(pages([one, 'a\n'], [one, 'b\n'], [other, 'c\n'], [one, 'd\n']))).toEqual([
      'one: a\nb\n',
      'other: c\n',
      'one: d\n',
    ]);
    expect(await batchesOf(pages())).toEqual([]);
  });

  it('end at a mebibyte', async () => {
    const page = `${'x'.repeat(400_000)}\n`;
    const found = await batchesOf(pages(...Array.from({ length: 5 }, () => [one, page] as const)));
    expect(found.map((batch) => batch.length - 'one: '.length)).toEqual([3 * page.length, 2 * page.length]);
  });
});
