import type { CapturedEntry } from '../../../kernel/entry.ts';
import { parseCopyLine } from '../copy-text.ts';
import { pageKey } from '../page-key.ts';
import type { TableDocument } from '../table-document.ts';

/**
 * Says of a page whether it may hold rows with one of some values, where the columns of those values lead the table's key and
 * pages sort as it does; of any page where not. `values`: fields as COPY writes them, tabs between columns.
 */
export function pagesWith(
  document: TableDocument,
  columns: readonly string[],
  values: Iterable<string>,
): (page: CapturedEntry) => boolean {
  if (!leadKey(document, columns)) return () => true;
  const bases = columns.map((name) => document.columns.find((column) => column.name === name)?.base ?? '');
  const encode = (fields: readonly string[]): string => pageKey(fields.slice(0, bases.length), bases);
  const wanted = [...values]
    .map((value) => encode(parseCopyLine(Buffer.from(value)).map((field) => field ?? '')))
    .sort((a, b) => (a < b ? -1 : 1));
  return ({ attributes: { from, to } }) => {
    const least = Array.isArray(from) ? encode(from as string[]) : '';
    const at = firstNotBelow(wanted, least);
    // The bound above may share these columns with the last row: the rest of the key tells them apart.
    return at < wanted.length && (!Array.isArray(to) || (wanted[at] as string) <= encode(to as string[]));
  };
}

/** Whether the bounds of a table's pages tell which values of these columns may lie in them. */
export function leadKey({ key, ordered }: TableDocument, columns: readonly string[]): boolean {
  return ordered && columns.length > 0 && columns.every((column, i) => key[i] === column);
}

function firstNotBelow(sorted: readonly string[], value: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
