import { Client, type Connection } from 'pg';
import { fromPostgres } from './errors.ts';

/** What node-postgres' connection can do beyond its published types. */
export interface WireConnection extends Connection {
  sendCopyFromChunk(bytes: Buffer): void;
  endCopyFrom(): void;
}

export interface ServerConnection {
  readonly client: Client;
  /** Rows of one statement, values as text. Throws item errors. */
  rows(text: string): Promise<Readonly<Record<string, string | null>>[]>;
  /** Ends it; what is under way is given up. */
  close(): Promise<void>;
  /** Rejects once the connection is broken, with an item error; never resolves. */
  readonly broken: Promise<never>;
}

const connectLimitMs = 20_000;

/**
 * Connects to the server: with `replication`, for commands of the replication protocol (PostgreSQL documentation, 55.4);
 * otherwise for SQL, in the database of the address or in `postgres`. Throws item errors that do not repeat the address.
 */
export async function connect(
  address: { readonly url: string; readonly name: string },
  kind: 'sql' | 'replication',
): Promise<ServerConnection> {
  const resource = `postgres-cluster/${address.name}`;
  const url = new URL(address.url);
  if (url.pathname === '' || url.pathname === '/') url.pathname = '/postgres';
  const settings = {
    connectionString: url.href,
    application_name: 'holdfast',
    connectionTimeoutMillis: connectLimitMs,
    keepAlive: true,
    types: { getTypeParser: () => (text: string) => text },
    ...(kind === 'replication' ? { replication: 'true' } : {}),
  };
  const client = new Client(settings);
  const broken = new Promise<never>((_, reject) => {
    client.on('error', (error) => reject(fromPostgres(error, 'the connection broke', resource)));
    client.on('end', () => reject(fromPostgres(new Error('connection closed'), 'the server', resource)));
  });
  // Whoever waits for it hears of it; nobody has to.
  broken.catch(() => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw fromPostgres(error, 'cannot connect', resource);
  }
  return {
    client,
    broken,
    async rows(text) {
      try {
        return (await client.query<Record<string, string | null>>(text)).rows;
      } catch (error) {
        throw fromPostgres(error, text.split(' ', 2).join(' '), resource);
      }
    },
    async close() {
      await client.end();
    },
  };
}
