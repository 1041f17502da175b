import type { ReachedMoment } from '../../kernel/moment.ts';
import type { DatabaseSnapshot } from './snapshot.ts';

/**
 * Takes the snapshot of a transaction that has none yet, and says which instant that is: by the server's clock, between the
 * arrival of the query and its answer, with the transactions it sees (PostgreSQL documentation, "System Information Functions").
 */
export async function readInstant(query: DatabaseSnapshot['query']): Promise<ReachedMoment> {
  const [row] = await query<{ transactions: string; from: string; to: string }>(
    `select pg_catalog.txid_current_snapshot()::text as transactions,
      pg_catalog.floor(extract(epoch from pg_catalog.statement_timestamp()) * 1000)::text as from,
      pg_catalog.ceil(extract(epoch from pg_catalog.clock_timestamp()) * 1000)::text as to`,
  );
  const log = await readLogPosition(query);
  const position = `transactions ${row?.transactions ?? ''}${log === undefined ? '' : `, WAL up to ${log}`}`;
  return { kind: 'instant', from: Number(row?.from), to: Number(row?.to), clock: 'server', position };
}

/** A position that all of the snapshot lies before; undefined where the server does not tell (some managed ones). */
async function readLogPosition(query: DatabaseSnapshot['query']): Promise<string | undefined> {
  // An error must not end the transaction that holds the snapshot.
  await query('savepoint position');
  try {
    const [row] = await query<{ lsn: string | null }>(
      `select (case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
        else pg_catalog.pg_current_wal_insert_lsn() end)::text as lsn`,
    );
    await query('release savepoint position');
    return row?.lsn ?? undefined;
  } catch {
    await query('rollback to savepoint position');
    return undefined;
  }
}
