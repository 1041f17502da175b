import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import type { PostgresServer } from '../servers/index.ts';

/** Transactions that clients were told are committed, and when. */
export interface Acknowledged {
  readonly id: number;
  /** By the client's clock, after COMMIT returned. */
  readonly at: number;
}

export interface Load {
  /** Until the server is gone. */
  readonly done: Promise<readonly Acknowledged[]>;
}

export const logTable = 'CREATE TABLE acknowledged (id bigint PRIMARY KEY, said timestamptz DEFAULT clock_timestamp())';

/** pgbench beside `writers` clients that each commit one row after another; ids go on from `firstId`. */
export function startLoad(server: PostgresServer, writers: number, firstId: number): Load {
  const pgbench = spawn(join(server.binFolder, 'pgbench'), ['-n', '-c', '2', '-T', '600', server.url()], {
    stdio: 'ignore',
    cwd: '/',
  });
  const ended = new Promise<void>((resolve) => pgbench.once('close', () => resolve()));
  let id = firstId;
  const acknowledged: Acknowledged[] = [];
  async function write(): Promise<void> {
    const client = new Client({ connectionString: server.url() });
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (;;) {
        const mine = id++;
        await client.query(`INSERT INTO acknowledged (id) VALUES (${mine})`);
        acknowledged.push({ id: mine, at: Date.now() });
      }
    } catch {
      // The server is gone, as planned; what it did not acknowledge is not counted.
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  const all = Promise.all([ended, ...Array.from({ length: writers }, write)]);
  return { done: all.then(() => acknowledged) };
}
