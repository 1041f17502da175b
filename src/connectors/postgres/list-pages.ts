import type { Attributes } from '../../kernel/entry.ts';
import type { CatalogTable } from './catalog.ts';
import { isCut, isFixed, rowsPerPage, shiftFor, type Query } from './choose-layout.ts';
import { newestWriter, tableFingerprint, type History } from './history.ts';
import { countGroups, type PageCount, type PartSettings } from './page-counts.ts';
import { pageKey, unbounded } from './page-key.ts';
import { listFixed } from './pages-fixed.ts';
import { listCut } from './pages-cut.ts';
import type { PageLayout } from './table-document.ts';

/** The keys of one page; both ends absent: all rows. */
export interface PageBounds {
  /** Lowest key that may lie in it, column by column, as text; absent: no lower bound. */
  readonly from?: readonly string[];
  /** Lowest key that lies behind it. */
  readonly to?: readonly string[];
}

export interface Page {
  readonly key: string;
  readonly bounds: PageBounds;
  readonly rows: number;
  readonly fingerprint?: string;
  readonly attributes: Attributes;
}

export interface PageList {
  readonly layout: PageLayout;
  /** In ascending byte order of their keys. */
  readonly pages: readonly Page[];
}

/**
 * Divides a table into pages and fingerprints them, by one pass over it (two where pages are cut by content). `query` may be used
 * several times at once.
 */
export async function listPages(
  query: Query,
  table: CatalogTable,
  history: History | undefined,
  parts: PartSettings,
): Promise<PageList> {
  const found = await divide(query, table, parts);
  const base = tableFingerprint(history, table, found.layout);
  const bases = table.key.map((name) => table.columns.find((column) => column.name === name)?.base ?? '');
  const pages = found.pages.map(({ bounds, rows, youngest, reference }): Page => {
    const writer = history && newestWriter(history, youngest, reference);
    const limits = bounds.to === undefined ? '' : `:${pageKey(bounds.to, bases)}`;
    return {
      key: bounds.from === undefined ? unbounded : pageKey(bounds.from, bases),
      bounds,
      rows,
      ...(base === undefined || writer === undefined ? {} : { fingerprint: `${base}:${rows}:${writer}${limits}` }),
      attributes: { rows, from: bounds.from ?? null, to: bounds.to ?? null },
    };
  });
  return { layout: found.layout, pages: pages.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

type Divided = readonly (PageCount & { readonly bounds: PageBounds })[];

async function divide(
  query: Query,
  table: CatalogTable,
  parts: PartSettings,
): Promise<{ readonly layout: PageLayout; readonly pages: Divided }> {
  if (isFixed(table)) return await divideFixed(query, table, parts);
  if (isCut(table)) {
    const every = await rowsPerPage(query, table);
    return { layout: { kind: 'cut', every }, pages: await listCut(query, table, every, parts) };
  }
  const [whole] = await countGroups(query, table, 'null::int', parts);
  const pages = whole ? [{ rows: whole.rows, youngest: whole.youngest, reference: whole.reference, bounds: {} }] : [];
  return { layout: { kind: 'whole' }, pages };
}

async function divideFixed(
  query: Query,
  table: CatalogTable,
  parts: PartSettings,
): Promise<{ readonly layout: PageLayout; readonly pages: Divided }> {
  const perPage = await rowsPerPage(query, table);
  const listed = await listFixed(query, table, parts, (rows, lowest, highest) =>
    shiftFor(perPage, rows, lowest, highest),
  );
  return { layout: { kind: 'fixed', shift: listed.shift }, pages: listed.pages };
}
