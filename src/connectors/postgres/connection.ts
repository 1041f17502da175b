import { Client } from 'pg';
import { postgresError } from './errors.ts';
import { placeOf } from './options.ts';
import { openSocket } from './socket.ts';

/**
 * Every connection says the same of itself, so that equal values are equal text on any server: PostgreSQL documentation,
 * "Client Connection Defaults". `row_security = off` makes the server refuse instead of hiding rows.
 */
const session = [
  "set client_encoding = 'UTF8'",
  "set datestyle = 'ISO, YMD'",
  "set intervalstyle = 'postgres'",
  'set extra_float_digits = 3',
  "set bytea_output = 'hex'",
  "set timezone = 'UTC'",
  "set lc_monetary = 'C'",
  "set search_path = ''",
  'set xmloption = content',
  'set row_security = off',
  'set synchronize_seqscans = off',
  'set standard_conforming_strings = on',
  'set statement_timeout = 0',
  'set lock_timeout = 0',
  'set idle_in_transaction_session_timeout = 0',
  'set client_min_messages = warning',
  'set array_nulls = on',
  // Not of every version.
  "select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings where name in ('transaction_timeout', 'idle_session_timeout')",
].join('; ');

const ended = new WeakSet<Client>();

/** So long a server may take to let somebody in, ms. */
const patienceMs = 60_000;

/** Opens a connection with the session's settings. Throws item.unavailable, item.denied, item.not-found. */
export async function connect(url: string, patience = patienceMs): Promise<Client> {
  const client = new Client({
    connectionString: url,
    keepAlive: true,
    connectionTimeoutMillis: patience,
    application_name: 'holdfast',
    stream: openSocket,
  });
  // Without a listener an error of an idle connection would end the process; whoever uses it next is told.
  client.on('error', () => undefined);
  client.once('end', () => ended.add(client));
  try {
    await client.connect();
    await client.query(session);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw postgresError(error, `cannot connect to ${placeOf(url)}`, placeOf(url));
  }
}

/** Ends it, whatever state it is in: one that was cut off says nothing more. */
export async function disconnect(client: Client): Promise<void> {
  if (ended.has(client)) return;
  const cutOff = new Promise<void>((resolve) => client.once('end', () => resolve()));
  await Promise.race([client.end().catch(() => undefined), cutOff]);
}
