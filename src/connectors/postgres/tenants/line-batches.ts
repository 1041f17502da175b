import type { TenantLines } from './tenant-rows.ts';

/** A statement for each page would cost more than its few rows. */
const batchBytes = 1024 * 1024;

/** Lines of neighbouring pages of one table together, up to about a mebibyte: so much is held, and one more page. */
export async function* lineBatches(rows: AsyncIterable<TenantLines>): AsyncGenerator<TenantLines> {
  let document: TenantLines['document'] | undefined;
  let begun: Buffer[] = [];
  let bytes = 0;
  for await (const { document: next, lines } of rows) {
    if (document !== undefined && (next !== document || bytes >= batchBytes)) {
      yield { document, lines: Buffer.concat(begun) };
      begun = [];
      bytes = 0;
    }
    document = next;
    begun.push(lines);
    bytes += lines.length;
  }
  if (document !== undefined) yield { document, lines: Buffer.concat(begun) };
}
