import type { Client } from 'pg';
import { readTables, type CatalogTable } from './catalog.ts';
import { postgresError } from './errors.ts';
import type { DatabaseSnapshot } from './snapshot.ts';
import { qualified } from './sql.ts';

const lockedAtOnce = 100;

/** Whether a table has rows of its own that the role sees all of. */
export function canRead({ kind, readable, policed, away }: CatalogTable): boolean {
  return kind === 'r' && readable && !policed && !away;
}

/**
 * Begins the transaction of a snapshot. Every table that is to be read is locked (ACCESS SHARE) before the first query, which
 * takes the snapshot: a table that were emptied or rewritten between that moment and its lock would be seen without rows.
 * Of tables that were made in between it is checked that this did not happen. Undefined: that moment cannot be read.
 * `atMoment` runs between the locks and the first query, and may ask that one itself.
 */
export async function beginLocked(
  query: DatabaseSnapshot['query'],
  wanted: (table: CatalogTable) => boolean,
  atMoment: () => Promise<void>,
): Promise<CatalogTable[] | undefined> {
  const isRead = (table: CatalogTable): boolean => canRead(table) && wanted(table);
  const before = (await readTables(query)).filter(isRead);
  try {
    await query('begin isolation level repeatable read, read only');
    await lockTables(query, before, '');
    await atMoment();
    const known = new Set(before.map(({ oid }) => oid));
    const added = (await readTables(query)).filter((table) => isRead(table) && !known.has(table.oid));
    await lockTables(query, added, '');
    await lockIndexes(query, [...before, ...added]);
    const tables = await readTables(query);
    if (!tables.some((table) => isRead(table) && table.replaced)) return tables;
  } catch (error) {
    // Dropped or renamed since it was listed.
    if (postgresError(error, '', '').code !== 'item.not-found') throw error;
  }
  await query('rollback');
  return undefined;
}

/**
 * Locks tables and their indexes on another connection of the same snapshot. It must not wait: behind somebody who waits for
 * the first connection's locks it would wait for ever. Throws item.changed (55P03) then.
 */
export async function joinLocks(client: Client, tables: readonly CatalogTable[]): Promise<void> {
  await client.query("set local lock_timeout = '1s'");
  const query: DatabaseSnapshot['query'] = async (sql) => (await client.query(sql)).rows as never;
  await lockTables(query, tables, ' nowait');
  await lockIndexes(query, tables);
  await client.query('set local lock_timeout = 0');
}

type Tables = readonly CatalogTable[];

async function lockTables(query: DatabaseSnapshot['query'], tables: Tables, nowait: string): Promise<void> {
  for (let at = 0; at < tables.length; at += lockedAtOnce) {
    const some = tables.slice(at, at + lockedAtOnce).map((table) => `only ${qualified(table)}`);
    await query(`lock table ${some.join(', ')} in access share mode${nowait}`);
  }
}

/** Planning a query locks the indexes, which LOCK TABLE leaves out and REINDEX waits for. */
async function lockIndexes(query: DatabaseSnapshot['query'], tables: Tables): Promise<void> {
  for (let at = 0; at < tables.length; at += lockedAtOnce) {
    const some = tables.slice(at, at + lockedAtOnce).map((table) => `(select 1 from only ${qualified(table)} limit 0)`);
    await query(some.join(' union all '));
  }
}
