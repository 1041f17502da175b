import type { Json } from '../../kernel/json.ts';
import type { CapturedReference, CatalogTable } from './catalog.ts';

/**
 * How the rows of a table lie in pages.
 * `fixed`: page n holds the rows whose integer key, shifted right by `shift` bits, is n. `cut`: a page begins at each row
 * whose key hashes to a multiple of `every`. `whole`: all rows are one page, in the order of their text.
 */
export type PageLayout =
  | { readonly kind: 'fixed'; readonly shift: number }
  | { readonly kind: 'cut'; readonly every: number }
  | { readonly kind: 'whole' };

export interface CapturedColumn {
  readonly name: string;
  readonly type: string;
  /** Type without domain and modifiers: `pg_catalog.int4`. */
  readonly base: string;
  /** Schema of the operators that compare its values, where that is not pg_catalog. */
  readonly operators?: string;
}

/** `table.json`: what is needed to read a table's pages, and to write them back. */
export interface TableDocument {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'partitioned table' | 'foreign table' | 'materialized view';
  readonly parents: readonly string[];
  /** Of the rows in the pages, in this order; generated columns are not among them. */
  readonly columns: readonly CapturedColumn[];
  /** Columns whose values tell rows apart; empty where there are none. */
  readonly key: readonly string[];
  /** Foreign keys of its own; those of a partitioned table count for its partitions. */
  readonly references: readonly CapturedReference[];
  /** Whether page keys sort as the table's key does, so that a page is found by a key. */
  readonly ordered: boolean;
  /** A materialized view that nobody has refreshed yet, which says so. */
  readonly unfilled?: true;
  /** Absent: the rows were not captured. */
  readonly pages?: PageLayout;
}

const kinds = { r: 'table', p: 'partitioned table', f: 'foreign table', m: 'materialized view' } as const;

export function tableDocument(table: CatalogTable, pages: PageLayout | undefined): TableDocument {
  const columns = capturedColumns(table);
  return {
    schema: table.schema,
    name: table.name,
    kind: kinds[table.kind],
    parents: table.parents,
    columns: columns.map(({ name, type, base, operators }) => ({
      name,
      type,
      base,
      ...(operators === undefined ? {} : { operators }),
    })),
    key: table.key,
    references: table.references,
    ordered: pages?.kind === 'fixed' || (pages?.kind === 'cut' && keyColumns(table).every(({ bytewise }) => bytewise)),
    ...(table.unfilled ? { unfilled: true } : {}),
    ...(pages === undefined ? {} : { pages }),
  };
}

export function capturedColumns(table: CatalogTable): CatalogTable['columns'] {
  return table.columns.filter(({ generated }) => !generated);
}

export function keyColumns(table: CatalogTable): CatalogTable['columns'] {
  return table.key.flatMap((name) => table.columns.filter((column) => column.name === name));
}

export function asJson(document: TableDocument): Json {
  return document as unknown as Json;
}
