import type { CatalogTable } from './catalog.ts';
import type { Query } from './choose-layout.ts';
import type { PageBounds } from './list-pages.ts';
import { countGroups, sum, type GroupCount, type PageCount, type PartSettings } from './page-counts.ts';
import { identifier, qualified } from './sql.ts';

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
  parts: PartSettings,
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
    const groups = await countGroups(query, table, `${key}::bigint >> ${groupShift}`, parts);
    const rows = BigInt(groups.reduce((all, group) => all + group.rows, 0));
    const shift = shiftFor(rows, lowest, highest);
    if (shift >= groupShift) return { shift, pages: merge(groups, groupShift, shift) };
    groupShift = shift;
  }
}

function merge(
  groups: readonly GroupCount[],
  groupShift: number,
  shift: number,
): (PageCount & { readonly bounds: PageBounds })[] {
  const pages = new Map<bigint, PageCount>();
  for (const count of groups) {
    const number = BigInt(count.group ?? 0) >> BigInt(shift - groupShift);
    const page = pages.get(number);
    pages.set(number, page ? sum(page, count) : count);
  }
  return [...pages].map(([number, { rows, youngest, reference }]) => {
    return { rows, youngest, reference, bounds: boundsOf(number, shift) };
  });
}

const highestKey = (1n << 63n) - 1n;

function boundsOf(number: bigint, shift: number): PageBounds {
  const from = number << BigInt(shift);
  const to = (number + 1n) << BigInt(shift);
  return { from: [String(from)], ...(to > highestKey ? {} : { to: [String(to)] }) };
}
