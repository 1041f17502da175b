import type { Client } from 'pg';
import type { Limiter } from '../../kernel/concurrency.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { CatalogTable } from './catalog.ts';
import { connect, disconnect } from './connection.ts';
import { postgresError } from './errors.ts';
import { joinLocks } from './locks.ts';
import { placeOf } from './options.ts';
import { literal } from './sql.ts';

export interface LentConnection {
  readonly client: Client;
  /** `broken`: its transaction cannot go on; another connection takes its place. */
  release(state: 'usable' | 'broken'): Promise<void>;
}

export interface ReaderSettings {
  readonly url: string;
  readonly connections: number;
  /** Id of the exported snapshot. */
  readonly snapshot: string;
  readonly locked: readonly CatalogTable[];
  /** Holds the snapshot and all locks: it reads where no other connection can. */
  readonly holder: Client;
  /** Whoever uses the holder waits for it. */
  readonly turn: Limiter;
}

/**
 * Connections that see one snapshot and hold locks on all tables from the beginning. Where somebody waits to change a table,
 * others cannot lock it any more (they would wait behind him, and he for the holder): then the holder itself reads.
 */
export async function openReaders(
  settings: ReaderSettings,
): Promise<{ lend(): Promise<LentConnection>; close(): Promise<void> }> {
  const { url, connections, holder, turn } = settings;
  const idle: Client[] = [];
  const open = new Set<Client>();
  const waiting: (() => void)[] = [];
  let closed = false;

  async function add(): Promise<void> {
    const client = await openReader(settings);
    if (!client) return;
    open.add(client);
    idle.push(client);
  }
  await Promise.all(Array.from({ length: connections }, add));

  async function lendHolder(): Promise<LentConnection> {
    let done: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (done = resolve));
    await new Promise<void>((resolve) => void turn.run(() => (resolve(), held)));
    // An error must not end the transaction that holds the snapshot.
    await holder.query('savepoint reading').catch((error: unknown) => {
      done?.();
      throw postgresError(error, 'the snapshot was lost', placeOf(url));
    });
    return {
      client: holder,
      async release(state) {
        const sql = state === 'usable' ? 'release savepoint reading' : 'rollback to savepoint reading';
        // Where the connection is gone, the next reader is told: its savepoint fails.
        await holder.query(sql).catch(() => undefined);
        done?.();
      },
    };
  }
  function wakeAll(): void {
    for (const go of waiting.splice(0)) go();
  }
  return {
    async lend(): Promise<LentConnection> {
      for (;;) {
        if (closed) throw new HoldfastError('item.unavailable', 'the capture has ended', { resource: placeOf(url) });
        if (open.size === 0) return await lendHolder();
        const client = idle.pop();
        if (client) return { client, release: (state) => release(client, state) };
        await new Promise<void>((go) => waiting.push(go));
      }
    },
    async close(): Promise<void> {
      closed = true;
      await Promise.all([...open].map(disconnect));
      wakeAll();
    },
  };

  async function release(client: Client, state: 'usable' | 'broken'): Promise<void> {
    if (state === 'usable' && !closed) idle.push(client);
    else {
      await disconnect(client);
      // Without another one there are fewer readers, and in the end the holder reads.
      if (!closed) await add().catch(() => undefined);
      open.delete(client);
    }
    if (open.size === 0) wakeAll();
    else waiting.shift()?.();
  }
}

/** Undefined where it could not join without waiting, or where the server lets no more connections in. */
async function openReader({ url, snapshot, locked }: ReaderSettings): Promise<Client | undefined> {
  const client = await connect(url).catch(() => undefined);
  if (!client) return undefined;
  try {
    await client.query('begin isolation level repeatable read, read only');
    await client.query(`set transaction snapshot ${literal(snapshot)}`);
    await joinLocks(client, locked);
    return client;
  } catch {
    await disconnect(client);
    return undefined;
  }
}
