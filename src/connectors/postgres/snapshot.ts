import type { Client, QueryResultRow } from 'pg';
import { createLimiter } from '../../kernel/concurrency.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ReachedMoment } from '../../kernel/moment.ts';
import type { CaptureMoment } from '../contract.ts';
import type { CatalogTable } from './catalog.ts';
import { connect, disconnect } from './connection.ts';
import { postgresError } from './errors.ts';
import { readInstant } from './instant.ts';
import { beginLocked, canRead } from './locks.ts';
import { placeOf, type PostgresOptions } from './options.ts';
import { openReaders, type LentConnection } from './readers.ts';

/** One moment of a database, seen by any number of connections until it is closed. */
export interface DatabaseSnapshot {
  /** For `SET TRANSACTION SNAPSHOT` and `pg_dump --snapshot`. */
  readonly id: string;
  /** All tables that people made, as they were at that moment; those that are read are locked. */
  readonly tables: readonly CatalogTable[];
  /** Runs a query on the connection that holds the snapshot. */
  query<Row extends QueryResultRow>(sql: string): Promise<Row[]>;
  /** Lends one of the connections that read rows at that moment; waits for one. */
  lend(): Promise<LentConnection>;
  close(): Promise<void>;
}

const mostAttempts = 5;

export interface SnapshotSettings {
  readonly signal: AbortSignal;
  /** Whose rows are to be read. */
  readonly wanted: (table: CatalogTable) => boolean;
  /** Whether these tables are those that the definitions speak of. */
  readonly fits: (tables: readonly CatalogTable[]) => boolean;
  readonly moment: CaptureMoment | undefined;
}

/**
 * Takes a moment at which every wanted table can be read, and opens connections that see it. Undefined where its tables do not
 * fit. Throws item errors.
 */
export async function openSnapshot(
  { url, connections }: PostgresOptions,
  settings: SnapshotSettings,
): Promise<DatabaseSnapshot | undefined> {
  const { signal, wanted, fits, moment } = settings;
  const holder = await connect(url);
  const query = queryOf(holder, url);
  // It may wait for somebody's lock as long as he likes.
  const cut = (): void => void disconnect(holder);
  signal.addEventListener('abort', cut, { once: true });
  try {
    const { tables, instant } = await takeMoment(query, url, settings);
    if (!fits(tables)) {
      signal.removeEventListener('abort', cut);
      await disconnect(holder);
      return undefined;
    }
    // As early as it is certain: others may wait for it.
    moment?.reached(instant);
    const [exported] = await query<{ id: string }>('select pg_catalog.pg_export_snapshot() as id');
    const id = exported?.id ?? '';
    const turn = createLimiter(1);
    const locked = tables.filter((table) => canRead(table) && wanted(table));
    const readers = await openReaders({ url, connections, snapshot: id, locked, holder, turn });
    const abort = (): void => void readers.close();
    signal.addEventListener('abort', abort, { once: true });
    signal.removeEventListener('abort', cut);
    return {
      id,
      tables,
      query: (sql) => turn.run(() => query(sql)),
      lend: readers.lend,
      async close() {
        signal.removeEventListener('abort', abort);
        await readers.close();
        await disconnect(holder);
      },
    };
  } catch (error) {
    signal.removeEventListener('abort', cut);
    await disconnect(holder);
    signal.throwIfAborted();
    throw postgresError(error, `cannot take a snapshot of ${placeOf(url)}`, placeOf(url));
  }
}

async function takeMoment(
  query: DatabaseSnapshot['query'],
  url: string,
  { signal, wanted, moment }: SnapshotSettings,
): Promise<{ readonly tables: CatalogTable[]; readonly instant: ReachedMoment }> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    signal.throwIfAborted();
    let instant: ReachedMoment | undefined;
    const tables = await beginLocked(query, wanted, async () => {
      await moment?.begin();
      instant = await readInstant(query);
    });
    if (tables && instant) return { tables, instant };
  }
  throw new HoldfastError('item.changed', `tables of ${placeOf(url)} are being replaced all the time`, {
    resource: placeOf(url),
    hint: 'Run the snapshot while no tables are made, dropped and rewritten.',
  });
}

function queryOf(client: Client, url: string): DatabaseSnapshot['query'] {
  return async <Row extends QueryResultRow>(sql: string): Promise<Row[]> => {
    try {
      return (await client.query<Row>(sql)).rows;
    } catch (error) {
      throw postgresError(error, 'the database refused a query', placeOf(url));
    }
  };
}
