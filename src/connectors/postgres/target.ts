import type { Client } from 'pg';
import type { CapturedResource } from '../../kernel/entry.ts';
import { isCode } from '../../kernel/errors.ts';
import type { RestoreContext } from '../contract.ts';
import { readDefinitions } from './capture-definitions.ts';
import { connect, disconnect } from './connection.ts';
import { splitDefinitions, type Definition } from './definitions.ts';
import { databaseOf, withDatabase, type PostgresOptions } from './options.ts';
import { checkDump } from './pg-dump.ts';

export interface Target {
  readonly url: string;
  readonly database: string;
  readonly exists: boolean;
}

/** The database of the source, or with --rename another one of the same server. Throws item errors. */
export async function findTarget(
  { options, rename }: RestoreContext<PostgresOptions>,
  { ref }: Pick<CapturedResource, 'ref'>,
): Promise<Target> {
  const name = rename(ref.name);
  const url = name === ref.name ? options.url : withDatabase(options.url, name);
  const database = databaseOf(url);
  try {
    await disconnect(await connect(url));
    return { url, database, exists: true };
  } catch (error) {
    if (!isCode(error, 'item.not-found')) throw error;
    return { url, database, exists: false };
  }
}

/** Connects for writing: rules and triggers rest, foreign keys wait, where the role may say so (a superuser). */
export async function connectForWriting(
  url: string,
): Promise<{ readonly client: Client; readonly isReplica: boolean }> {
  const client = await connect(url);
  await client.query(
    `set check_function_bodies = false; set default_transaction_read_only = off; set default_transaction_isolation = 'read committed'`,
  );
  try {
    await client.query('set session_replication_role = replica');
    return { client, isReplica: true };
  } catch {
    return { client, isReplica: false };
  }
}

/** Runs work on a connection of its own. */
export async function withConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const { client } = await connectForWriting(url);
  try {
    return await work(client);
  } finally {
    await disconnect(client);
  }
}

export interface AllDefinitions {
  readonly before: readonly Definition[];
  readonly after: readonly Definition[];
}

/** What the target has now, as its own pg_dump tells it. */
export async function liveDefinitions(
  { options, signal }: RestoreContext<PostgresOptions>,
  { url, exists }: Target,
): Promise<AllDefinitions> {
  if (!exists) return { before: [], after: [] };
  await withConnection(url, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      "select pg_catalog.current_setting('server_version_num')::int as version",
    );
    await checkDump({ ...options, url }, rows[0]?.version ?? 0, signal);
  });
  const { before, after } = await readDefinitions({ ...options, url }, signal);
  return { before: splitDefinitions(before), after: splitDefinitions(after) };
}
