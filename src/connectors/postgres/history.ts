import { createHash } from 'node:crypto';
import type { CatalogTable } from './catalog.ts';
import { connect, disconnect } from './connection.ts';
import type { PostgresOptions } from './options.ts';
import type { DatabaseSnapshot } from './snapshot.ts';
import { capturedColumns, type PageLayout } from './table-document.ts';

/**
 * Fingerprints of pages: the number of rows and the newest transaction that wrote one of them, within one history of one
 * database. They are sound because
 * - a row version never changes: an insert or update leaves one with a newer transaction, which was not visible before, and
 *   a delete makes one less;
 * - transaction ids are compared with 64 bits. A row tells 32 of them; the others are those of the newest transaction before
 *   the snapshot that ends in them. A row so old that it was frozen seems newer than it is once in 2^32 transactions, and
 *   its page is then read once more. Whether a transaction at or after the oldest running one is meant cannot be told: such
 *   a page has no fingerprint;
 * - a history ends with the process: whoever puts older files in the place of a database must restart the server, and only
 *   then can the same transaction ids come a second time. The commits that the snapshot sees are flushed before, so that
 *   also a crash (synchronous_commit = off) cannot give their ids away again;
 * - what changes the text of rows without writing them (types, defaults of added columns, labels of enums) is in the
 *   table's shape, and columns of types that may change at any time (catalog.ts, `fickle`) make no fingerprint at all.
 */
export interface History {
  /** Names the server process and the database. */
  readonly id: string;
  /** Oldest transaction that was running at the snapshot's moment, and the first that had not begun. */
  readonly oldestRunning: bigint;
  readonly next: bigint;
}

interface HistoryRow {
  readonly [name: string]: string | boolean;
  readonly standby: boolean;
  readonly allowed: boolean;
  readonly oldest: string;
  readonly next: string;
}

/**
 * Undefined where fingerprints would not be sound: on a standby, and where the role may not ask. Burns one transaction
 * id: its commit is what flushes those before it.
 */
export async function readHistory(
  { url }: PostgresOptions,
  query: DatabaseSnapshot['query'],
): Promise<History | undefined> {
  const [row] = await query<HistoryRow>(`select pg_catalog.pg_is_in_recovery() as standby,
    pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')
      and pg_catalog.has_function_privilege('pg_catalog.pg_control_checkpoint()', 'execute') as allowed,
    pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text as oldest,
    pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text as next`);
  if (!row || row.standby || !row.allowed) return undefined;
  const [server] = await query<Record<string, string>>(`select s.system_identifier::text as system,
    c.timeline_id::text as timeline, extract(epoch from pg_catalog.pg_postmaster_start_time())::text as started,
    (select oid::text from pg_catalog.pg_database where datname = pg_catalog.current_database()) as database,
    pg_catalog.current_setting('server_version_num') as version
    from pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c`);
  // Where the server lets no more connections in, everything is read.
  const flusher = await connect(url).catch(() => undefined);
  if (!flusher) return undefined;
  try {
    await flusher.query('set synchronous_commit = local');
    await flusher.query('select pg_catalog.pg_current_xact_id()');
  } catch {
    return undefined;
  } finally {
    await disconnect(flusher);
  }
  return { id: JSON.stringify(server), oldestRunning: BigInt(row.oldest), next: BigInt(row.next) };
}

/** What all fingerprints of a table's pages begin with. Undefined: the table has none. */
export function tableFingerprint(
  history: History | undefined,
  table: CatalogTable,
  layout: PageLayout,
): string | undefined {
  if (!history || !table.heap || capturedColumns(table).some(({ fickle }) => fickle)) return undefined;
  const { oid, schema, name, shape, key } = table;
  return createHash('sha256')
    .update(JSON.stringify([history.id, oid, schema, name, shape, key, layout, capturedColumns(table)]))
    .digest('base64url')
    .slice(0, 24);
}

const span = 1n << 32n;

/** What `age` says of rows that were frozen before PostgreSQL 9.4: nothing. */
export const permanent = 2_147_483_647;

/**
 * The newest transaction that wrote a row of a page. `youngest`: the least age of its rows, unsigned; `reference`: the age of
 * transaction 3 on the same connection. Undefined where it cannot be told for sure.
 */
export function newestWriter(history: History, youngest: number, reference: number): bigint | undefined {
  if (youngest === permanent) return undefined;
  const now = (BigInt(reference) + 3n) & (span - 1n);
  const asked = history.next + ((now - history.next) & (span - 1n));
  const writer = asked - BigInt(youngest);
  return writer < history.oldestRunning ? writer : undefined;
}
