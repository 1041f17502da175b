import type { Client } from 'pg';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import type { PageBounds } from './list-pages.ts';
import type { PostgresOptions } from './options.ts';
import { boundsOf } from './compare-page.ts';
import { condition } from './read-page.ts';
import { isWholeTable, pagesInScope } from './scope-pages.ts';
import { identifier, qualified } from './sql.ts';
import type { TableDocument } from './table-document.ts';

/**
 * Ranges of keys in which the target has rows and the snapshot has no page: what mode exact deletes besides rows within
 * captured pages. Pages of fixed width leave out ranges without rows; others cover all keys, but for those before the first
 * where that begins at a row. None where only some pages of the table are restored.
 */
export async function uncapturedBounds(
  client: Client,
  context: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
  table: TableDocument,
): Promise<PageBounds[]> {
  if (!isWholeTable(context, table)) return [];
  const pages: PageBounds[] = [];
  for await (const page of pagesInScope(context, captured, table)) pages.push(boundsOf(page));
  if (pages.length === 0) return (await hasRows(client, table, {})) ? [{}] : [];
  if (table.pages?.kind === 'fixed') return await betweenFixed(client, table, table.pages.shift, pages);
  const before = beforeFirst(pages);
  return before && (await hasRows(client, table, before)) ? [before] : [];
}

async function hasRows(client: Client, table: TableDocument, bounds: PageBounds): Promise<boolean> {
  const { rows } = await client.query(`select 1 from only ${qualified(table)}${condition(table, bounds)} limit 1`);
  return rows.length > 0;
}

/** The first page is the one that none ends at: in the order of their keys it may be another. */
function beforeFirst(pages: readonly PageBounds[]): PageBounds | undefined {
  if (pages.some(({ from }) => from === undefined)) return undefined;
  const ends = new Set(pages.map(({ to }) => JSON.stringify(to)));
  const first = pages.find(({ from }) => !ends.has(JSON.stringify(from)));
  return first?.from && { to: first.from };
}

async function betweenFixed(
  client: Client,
  table: TableDocument,
  shift: number,
  pages: readonly PageBounds[],
): Promise<PageBounds[]> {
  const known = new Set(pages.map(({ from }) => from?.[0] ?? ''));
  const key = identifier(table.key[0] ?? '');
  const { rows } = await client.query<{ start: string }>(
    `select distinct ((${key}::bigint >> ${shift}) << ${shift})::text as start from only ${qualified(table)}`,
  );
  return rows
    .filter(({ start }) => !known.has(start))
    .map(({ start }) => ({ from: [start], ...upper(BigInt(start) + (1n << BigInt(shift))) }));
}

function upper(end: bigint): PageBounds {
  return end >= 1n << 63n ? {} : { to: [String(end)] };
}
