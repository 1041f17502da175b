import type { Client } from 'pg';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import type { PageBounds } from './list-pages.ts';
import type { PostgresOptions } from './options.ts';
import { boundsOf } from './compare-page.ts';
import { pagesInScope } from './scope-pages.ts';
import { identifier, qualified } from './sql.ts';
import type { TableDocument } from './table-document.ts';

/**
 * Ranges of keys in which the target has rows and the snapshot has no page: what mode exact deletes besides rows within
 * captured pages. Pages of fixed width leave out ranges without rows; others cover all keys.
 */
export async function uncapturedBounds(
  client: Client,
  context: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
  table: TableDocument,
): Promise<PageBounds[]> {
  const known = new Set<string>();
  let pages = 0;
  for await (const page of pagesInScope(context, captured, table)) {
    pages++;
    if (table.pages?.kind === 'fixed') known.add(boundsOf(page).from?.[0] ?? '');
  }
  if (pages === 0) {
    const { rows } = await client.query(`select 1 from only ${qualified(table)} limit 1`);
    return rows.length > 0 ? [{}] : [];
  }
  if (table.pages?.kind !== 'fixed') return [];
  const { shift } = table.pages;
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
