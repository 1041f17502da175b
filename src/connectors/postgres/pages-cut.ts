import type { CatalogTable } from './catalog.ts';
import type { Query } from './choose-layout.ts';
import type { PageBounds } from './list-pages.ts';
import { countGroups, type PageCount, type PartSettings } from './page-counts.ts';
import { identifier, literal, qualified, typeName } from './sql.ts';
import { keyColumns } from './table-document.ts';

/** Beginnings that go into a query, a few MB of text at most; more are found by the server again. */
const mostTold = 50_000;

/**
 * Pages of a table with any other key. A page begins at each row whose key hashes to a multiple of `every` (a power of two):
 * a row that comes or goes changes the page it is in, and only a row that is itself a beginning divides or joins two.
 * The server's `>=` on the key says in which page a row is, here and when it is read.
 */
export async function listCut(
  query: Query,
  table: CatalogTable,
  every: number,
  parts: PartSettings,
): Promise<(PageCount & { readonly bounds: PageBounds })[]> {
  const columns = keyColumns(table);
  const names = columns.map(({ name }) => identifier(name));
  const from = `from only ${qualified(table)}`;
  const text = names.map((name) => `${name}::text`).join(` || pg_catalog.chr(31) || `);
  const begins = `pg_catalog.hashtextextended((${text}) collate "C", 0) & ${every - 1} = 0`;
  const order = names.join(', ');
  const cuts = (
    await query<{ key: string[] }>(
      `select array[${names.map((name) => `${name}::text`).join(', ')}] as key ${from} where ${begins} order by ${order}`,
    )
  ).map(({ key }) => key);
  const typed = columns.map(({ name, base }) => `${identifier(name)}::${typeName(base)}`);
  // Arrays of arrays are arrays of more dimensions: an array stands in a row.
  const isPlain = typed.length === 1 && !columns[0]?.base.includes('._');
  const key = isPlain ? (typed[0] as string) : `row(${typed.join(', ')})`;
  const page = `coalesce(pg_catalog.width_bucket(${key}, (select list from cuts)), 0)`;
  const isTold = isPlain && cuts.length <= mostTold;
  const list = isTold
    ? `select ${arrayOf(cuts.flat(), columns[0]?.base ?? '')} as list`
    : `select pg_catalog.array_agg(${key} order by ${order}) as list ${from} where ${begins}`;
  // Where the beginnings are not told, each part would look for all of them again.
  const settings = isTold ? parts : { most: 1, bytes: 0 };
  const counts = await countGroups(query, table, page, settings, `with cuts as materialized (${list})`);
  return counts.map(({ group, rows, youngest, reference }) => {
    return { rows, youngest, reference, bounds: boundsOf(cuts, Number(group)) };
  });
}

/** PostgreSQL documentation, "Array Input and Output Syntax". */
function arrayOf(values: readonly string[], base: string): string {
  const elements = values.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`);
  return `${literal(`{${elements.join(',')}}`)}::${typeName(base)}[]`;
}

/** Page 0 lies before the first cut. */
function boundsOf(cuts: readonly (readonly string[])[], page: number): PageBounds {
  const [from, to] = [cuts[page - 1], cuts[page]];
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
