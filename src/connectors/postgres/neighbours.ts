import type { PageBounds } from './list-pages.ts';
import type { TableDocument } from './table-document.ts';

/** Whether no key of the table lies between two pages, in the order in which the server sorts: one query then reads both. */
export function follows(table: Pick<TableDocument, 'pages'>, before: PageBounds, after: PageBounds): boolean {
  const [end, start] = [before.to, after.from];
  if (end === undefined || start === undefined) return false;
  // Pages of fixed width that hold nothing are not listed.
  return table.pages?.kind === 'fixed' || (end.length === start.length && end.every((value, i) => value === start[i]));
}

/** From the beginning of the first page to the end of the last. */
export function spanOf(pages: readonly PageBounds[]): PageBounds {
  const [from, to] = [pages[0]?.from, pages.at(-1)?.to];
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Puts pages in order together with their neighbours, up to `mostPages` and `mostBytes`; a page of more is alone. */
export async function* neighbourhoods<Page extends { readonly size: number }>(
  table: Pick<TableDocument, 'pages'>,
  pages: AsyncIterable<Page>,
  boundsOf: (page: Page) => PageBounds,
  { mostPages, mostBytes }: { readonly mostPages: number; readonly mostBytes: number },
): AsyncGenerator<Page[]> {
  let together: Page[] = [];
  let bytes = 0;
  for await (const page of pages) {
    const before = together.at(-1);
    const fits = together.length < mostPages && bytes + page.size <= mostBytes;
    if (before && !(fits && follows(table, boundsOf(before), boundsOf(page)))) {
      yield together;
      together = [];
      bytes = 0;
    }
    together.push(page);
    bytes += page.size;
  }
  if (together.length > 0) yield together;
}
