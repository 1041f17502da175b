import type { QueryResultRow } from 'pg';
import type { CatalogTable } from './catalog.ts';
import { identifier, qualified } from './sql.ts';
import { capturedColumns, keyColumns, type PageLayout } from './table-document.ts';

export type Query = <Row extends QueryResultRow>(sql: string) => Promise<Row[]>;

/** Pages hold 64 to 256 KiB on average: their number of rows is a power of four, so that growth rarely moves it. */
const mostPageBytes = 256 * 1024;
const sampledRows = 256;

const integers = ['pg_catalog.int2', 'pg_catalog.int4', 'pg_catalog.int8'];

export function isFixed(table: CatalogTable): boolean {
  const [first, ...others] = keyColumns(table);
  return others.length === 0 && first !== undefined && integers.includes(first.base);
}

/**
 * Several columns compare as a row, which knows only the collations of their types and the operators that all of them have: where one
 * has others, the server would put a row into one page and find it in another.
 */
export function isCut(table: CatalogTable): boolean {
  const key = keyColumns(table);
  return (
    key.length === 1 ||
    (key.length > 1 && key.every(({ plainCollation, operators }) => plainCollation && operators === undefined))
  );
}

/**
 * Rows that make a page, as a power of two with an even exponent: from the first rows in the order of the key, which stay the
 * same when a table grows, and which a restored copy has as well.
 */
export async function rowsPerPage(query: Query, table: CatalogTable): Promise<number> {
  const columns = capturedColumns(table).map(({ name }) => identifier(name));
  const width = columns.map((column) => `coalesce(pg_catalog.pg_column_size(${column}), 0) + 2`).join(' + ');
  const order = table.key.map(identifier).join(', ');
  const [sample] = await query<{ bytes: string | null }>(
    `select avg(w)::text as bytes from (select ${width === '' ? '1' : width} as w from only ${qualified(table)}
     order by ${order} limit ${sampledRows}) as first`,
  );
  return evenPower(mostPageBytes / Math.max(Number(sample?.bytes ?? 64), 1));
}

/** The largest power of four that is not above. */
export function evenPower(value: number): number {
  return value < 4 ? 1 : 4 ** Math.floor(Math.log2(value) / 2);
}

/** Bits by which an integer key is shifted, so that a page of `perPage` rows spans that many keys on average. */
export function shiftFor(perPage: number, rows: bigint, lowest: bigint, highest: bigint): number {
  if (rows === 0n) return Math.log2(perPage);
  const keysPerRow = Number(highest - lowest + 1n) / Number(rows);
  return Math.min(Math.log2(evenPower(perPage * keysPerRow)), 62);
}

export type { PageLayout };
