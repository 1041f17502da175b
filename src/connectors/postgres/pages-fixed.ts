import type { CatalogTable } from './catalog.ts';
import type { Query } from './choose-layout.ts';
import type { PageBounds, PageCount } from './list-pages.ts';
import { identifier, qualified } from './sql.ts';

interface GroupRow {
  readonly group: string;
  readonly rows: string;
  readonly youngest: string;
  readonly reference: string;
}

/** Finer than the estimate says, by this many bits: the exact number of rows, which the pass brings, decides the width. */
const finerBits = 2;
const assumedRowBytes = 100;

/**
 * Pages of a table with one integer key. One pass groups rows more finely than needed; groups are put together to pages of the
 * width that the exact number of rows asks for.
 */
export async function listFixed(
  query: Query,
  table: CatalogTable,
  shiftFor: (rows: bigint, lowest: bigint, highest: bigint) => number,
): Promise<{ readonly shift: number; readonly pages: (PageCount & { readonly bounds: PageBounds })[] }> {
  const key = identifier(table.key[0] ?? '');
  const [range] = await query<{ lowest: string | null; highest: string | null }>(
    `select min(${key})::text as lowest, max(${key})::text as highest from only ${qualified(table)}`,
  );
  if (!range || range.lowest === null || range.highest === null) return { shift: shiftFor(0n, 0n, 0n), pages: [] };
  const [lowest, highest] = [BigInt(range.lowest), BigInt(range.highest)];
  const estimate = BigInt(Math.max(1, Math.round(Math.max(table.estimatedRows, table.bytes / assumedRowBytes))));
  let groupShift = Math.max(0, shiftFor(estimate, lowest, highest) - finerBits);
  for (;;) {
    const groups = await readGroups(query, table, key, groupShift);
    const rows = groups.reduce((sum, group) => sum + BigInt(group.rows), 0n);
    const shift = shiftFor(rows, lowest, highest);
    if (shift >= groupShift) return { shift, pages: merge(groups, groupShift, shift) };
    groupShift = shift;
  }
}

async function readGroups(query: Query, table: CatalogTable, key: string, shift: number): Promise<GroupRow[]> {
  return await query<GroupRow>(
    `select (${key}::bigint >> ${shift})::text as group, count(*)::text as rows,
     min(pg_catalog.age(xmin)::bigint & 4294967295)::text as youngest,
     (pg_catalog.age('3'::xid)::bigint & 4294967295)::text as reference from only ${qualified(table)} group by 1`,
  );
}

function merge(
  groups: readonly GroupRow[],
  groupShift: number,
  shift: number,
): (PageCount & { readonly bounds: PageBounds })[] {
  const pages = new Map<bigint, { rows: number; youngest: bigint; reference: bigint }>();
  for (const { group, rows, youngest, reference } of groups) {
    const number = BigInt(group) >> BigInt(shift - groupShift);
    const page = pages.get(number);
    const age = BigInt(youngest);
    if (!page) pages.set(number, { rows: Number(rows), youngest: age, reference: BigInt(reference) });
    else {
      page.rows += Number(rows);
      if (age < page.youngest) page.youngest = age;
    }
  }
  return [...pages].map(([number, page]) => ({ ...page, bounds: boundsOf(number, shift) }));
}

const highestKey = (1n << 63n) - 1n;

function boundsOf(number: bigint, shift: number): PageBounds {
  const from = number << BigInt(shift);
  const to = (number + 1n) << BigInt(shift);
  return { from: [String(from)], ...(to > highestKey ? {} : { to: [String(to)] }) };
}
