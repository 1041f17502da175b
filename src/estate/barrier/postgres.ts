import type { Client } from 'pg';
import type { PostgresHold, PostgresLocks } from '../../config/barriers.ts';
import { connect, disconnect } from '../../connectors/postgres/connection.ts';
import { placeOf } from '../../connectors/postgres/options.ts';
import { literal, qualified } from '../../connectors/postgres/sql.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/runtime.ts';
import type { Holder } from './contract.ts';
import type { HolderSettings } from './holder.ts';
import { withoutSecrets } from './secrets.ts';

/** Beyond the longest hold: then the server itself ends a transaction that nobody ended, as where this machine is gone. */
const serverPatienceMs = 5000;

/** A transaction in each database that takes locks; it ends with the connection, so with this process at the latest. */
export function postgresHolder({ databases }: PostgresHold, settings: HolderSettings): Holder {
  const { secrets, timeout, maxHold, runtime } = settings;
  const title = databases.map(({ url }) => placeOf(url)).join(', ');

  function failed(error: unknown, url: string): HoldfastError {
    const said = withoutSecrets((error as Error).message, secrets);
    return new HoldfastError('barrier.failed', `${placeOf(url)}: ${said}`);
  }
  async function begin(client: Client, locks: PostgresLocks): Promise<void> {
    await client.query('begin');
    await client.query(`set local lock_timeout = ${timeout}; set local statement_timeout = ${timeout};
      set local idle_in_transaction_session_timeout = ${maxHold + serverPatienceMs}`);
    if (locks.advisoryLock !== undefined)
      await client.query(`select pg_catalog.pg_advisory_xact_lock(${literal(String(locks.advisoryLock))}::bigint)`);
    if (locks.tables.length > 0) {
      const mode = locks.mode.replaceAll('-', ' ');
      await client.query(`lock table ${locks.tables.map(tableOf).join(', ')} in ${mode} mode`);
    }
    for (const statement of locks.statements) await client.query(statement);
  }
  return {
    title,
    async check() {
      for (const locks of databases) {
        const client = await connect(locks.url).catch((error: unknown) => {
          throw failed(error, locks.url);
        });
        try {
          await checkTables(client, locks);
        } catch (error) {
          throw failed(error, locks.url);
        } finally {
          await disconnect(client);
        }
      }
      return `${title}: connected, nothing was locked`;
    },
    async hold(signal) {
      const clients: Client[] = [];
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      let at = 0;
      try {
        for (const [i, { url }] of databases.entries()) {
          at = i;
          signal.throwIfAborted();
          clients.push(await unlessAborted(connect(url), aborted));
        }
        for (const [i, locks] of databases.entries()) {
          at = i;
          signal.throwIfAborted();
          await Promise.race([begin(clients[i] as Client, locks), aborted]);
        }
      } catch (error) {
        // A server that waits for a lock does not notice that its client is gone: it is told.
        const waiting = clients[at];
        if (signal.aborted && waiting) await cancel(waiting, databases[at]?.url ?? '', runtime.clock);
        await Promise.all(clients.map(disconnect));
        signal.throwIfAborted();
        throw failed(error, databases[at]?.url ?? '');
      }
      let isReleased = false;
      const lost = new Promise<HoldfastError>((resolve) => {
        for (const [i, client] of clients.entries())
          client.once('end', () => {
            if (!isReleased) resolve(ended(databases[i]?.url ?? '', 'the connection ended'));
          });
      });
      return {
        lost,
        async release() {
          isReleased = true;
          // The answer proves that the transaction was there until now; without one the connection's end lets go.
          const late = runtime.clock.sleep(timeout, undefined, { background: true }).then(() => {
            throw new Error(`no answer within ${timeout} ms`);
          });
          const ends = await Promise.allSettled(
            clients.map(async (client) => await Promise.race([client.query('rollback'), late])),
          );
          await Promise.all(clients.map(disconnect));
          for (const [i, end] of ends.entries())
            if (end.status === 'rejected') throw ended(databases[i]?.url ?? '', (end.reason as Error).message);
        },
      };
    },
  };
}

function ended(url: string, why: string): HoldfastError {
  return new HoldfastError('barrier.lost', `the transaction in ${placeOf(url)} ended before it was released: ${why}`);
}

function tableOf(name: string): string {
  const [schema = '', table = ''] = name.split('.');
  return qualified({ schema, name: table });
}

/** Throws for a table that is not there, or that the role may not lock (PostgreSQL documentation, LOCK). */
async function checkTables(client: Client, { tables }: PostgresLocks): Promise<void> {
  for (const table of tables) {
    const { rows } = await client.query<{ may: boolean | null }>(
      `select pg_catalog.has_table_privilege(pg_catalog.to_regclass(${literal(tableOf(table))}), 'UPDATE, DELETE, TRUNCATE') as may`,
    );
    if (rows[0]?.may === null) throw new Error(`there is no table ${table}`);
    if (rows[0]?.may === false) throw new Error(`the role may not lock ${table}: grant it UPDATE, DELETE or TRUNCATE`);
  }
}

/** What comes too late is closed again. */
async function unlessAborted(connecting: Promise<Client>, aborted: Promise<never>): Promise<Client> {
  try {
    return await Promise.race([connecting, aborted]);
  } catch (error) {
    void connecting.then(disconnect, () => undefined);
    throw error;
  }
}

const cancelMs = 2000;

/** As far as the server answers: where it does not, it ends its waiting by itself (lock_timeout). */
async function cancel(client: Client, url: string, clock: Clock): Promise<void> {
  const { processID } = client as Client & { readonly processID?: number };
  if (processID === undefined) return;
  const cancelling = (async () => {
    const other = await connect(url);
    try {
      await other.query(`select pg_catalog.pg_cancel_backend(${processID})`);
    } finally {
      await disconnect(other);
    }
  })().catch(() => undefined);
  await Promise.race([cancelling, clock.sleep(cancelMs, undefined, { background: true })]);
}
