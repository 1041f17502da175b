import { HoldfastError } from '../../kernel/errors.ts';
import type { ServerConnection } from './connection.ts';
import { sqlState } from './errors.ts';
import { parseLsn, type Lsn } from './lsn.ts';

/** A replication slot as the server sees it. */
export interface SlotState {
  readonly active: boolean;
  /** The server keeps WAL from here on; undefined: nothing is kept. */
  readonly restart: Lsn | undefined;
  /** `reserved`, `extended`, `unreserved` (may go at the next checkpoint), `lost`. */
  readonly walStatus: string;
  /** The end of the server's WAL. */
  readonly current: Lsn;
  /** Bytes of WAL that the server keeps for it. */
  readonly retained: number;
}

/** Over an SQL connection. Undefined where there is no slot of this name. */
export async function slotState(
  server: ServerConnection,
  slot: string,
  resource: string,
): Promise<SlotState | undefined> {
  const [row] = await server.rows(
    `SELECT slot_type, active, restart_lsn, coalesce(wal_status, 'lost') AS wal_status, current FROM pg_replication_slots,
     (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_flush_lsn() END AS current) AS here
     WHERE slot_name = '${slot}'`,
  );
  if (!row) return undefined;
  if (row['slot_type'] !== 'physical')
    throw new HoldfastError('item.conflict', `the slot ${slot} is not physical`, {
      resource,
      hint: 'Name another slot.',
    });
  const restart = parseLsn(row['restart_lsn'] ?? '');
  const current = parseLsn(row['current'] ?? '') ?? 0n;
  return {
    active: row['active'] === 't',
    restart,
    // A new slot without WAL has no status yet.
    walStatus: row['wal_status'] ?? 'lost',
    current,
    retained: restart === undefined || restart > current ? 0 : Number(current - restart),
  };
}

/** The end of the server's WAL, over an SQL connection. */
export async function currentPosition(server: ServerConnection): Promise<Lsn> {
  const [row] = await server.rows(
    'SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_flush_lsn() END AS current',
  );
  return parseLsn(row?.['current'] ?? '') ?? 0n;
}

/** Over a replication connection. The server keeps WAL for it from its last checkpoint on. */
export async function createSlot(server: ServerConnection, slot: string): Promise<void> {
  await server.rows(`CREATE_REPLICATION_SLOT ${slot} PHYSICAL RESERVE_WAL`);
}

/** Over an SQL connection; one that is not there is no error. False while somebody uses it. */
export async function dropSlot(server: ServerConnection, slot: string): Promise<boolean> {
  try {
    await server.rows(`SELECT pg_drop_replication_slot('${slot}')`);
    return true;
  } catch (error) {
    const state = sqlState(error);
    if (state === '42704') return true;
    if (state === '55006') return false;
    throw error;
  }
}
