import type { CaptureSink } from '../../kernel/capture.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext } from '../contract.ts';
import { databaseSettingsFile, readDatabaseSettings } from './database-settings.ts';
import type { PostgresOptions } from './options.ts';
import { runDump } from './pg-dump.ts';
import type { DatabaseSnapshot } from './snapshot.ts';

/** Definitions before and after the rows, of the cluster's roles, and what the database itself is. */
export const definitionFiles = {
  before: 'pre-data.sql',
  after: 'post-data.sql',
  globals: 'globals.sql',
  database: 'database.json',
} as const;

/** `database.json`: what CREATE DATABASE is told, and the server it was captured from. */
export interface DatabaseDocument {
  readonly name: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** Major version. */
  readonly server: number;
}

/** Definitions before and after the rows, as SQL that a person can read and psql can run. */
export interface Definitions {
  readonly before: string;
  readonly after: string;
}

/**
 * pg_dump takes a moment of its own, before the snapshot: within it, it could wait for somebody who waits for the snapshot's
 * locks. Whoever calls compares the tables of both moments.
 */
export async function readDefinitions(options: PostgresOptions, signal: AbortSignal): Promise<Definitions> {
  const section = async (name: string): Promise<string> =>
    await runDump(options, 'pg_dump', ['--schema-only', `--section=${name}`, '--encoding=UTF8'], signal);
  const [before, after] = await Promise.all([section('pre-data'), section('post-data')]);
  return { before, after };
}

export async function addDefinitions(
  { options, signal }: ConnectorContext<PostgresOptions>,
  definitions: Definitions,
  snapshot: DatabaseSnapshot,
  sink: CaptureSink,
): Promise<void> {
  const [database] = await snapshot.query<{ document: DatabaseDocument }>(`select pg_catalog.json_build_object(
    'name', datname, 'encoding', pg_catalog.pg_encoding_to_char(encoding), 'collate', datcollate, 'ctype', datctype,
    'server', pg_catalog.current_setting('server_version_num')::int / 10000) as document
    from pg_catalog.pg_database where datname = pg_catalog.current_database()`);
  const document = database?.document as unknown as Json;
  await sink.root.add({ key: definitionFiles.database, kind: 'document', document });
  const { document: settings } = await readDatabaseSettings(snapshot.query);
  const own = settings as unknown as Json;
  await sink.root.add({ key: databaseSettingsFile, kind: 'document', secret: true, document: own });
  await sink.root.add({ key: definitionFiles.before, kind: 'blob', content: Buffer.from(definitions.before) });
  await sink.root.add({ key: definitionFiles.after, kind: 'blob', content: Buffer.from(definitions.after) });
  const globals = await readGlobals(options, sink, signal);
  // Hashes of passwords are in it.
  if (globals !== undefined)
    await sink.root.add({ key: definitionFiles.globals, kind: 'blob', secret: true, content: Buffer.from(globals) });
}

/** With hashes of passwords where the role may read them, else without, else not at all; the ledger says which. */
async function readGlobals(
  options: PostgresOptions,
  sink: CaptureSink,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const args of [[], ['--no-role-passwords']]) {
    try {
      const text = await runDump(options, 'pg_dumpall', ['--globals-only', ...args], signal);
      if (args.length > 0) {
        sink.note({
          class: 'needs-human',
          what: 'passwords of roles',
          why: 'only a superuser may read their hashes',
          action: 'Keep them elsewhere, or set new ones after a restore.',
        });
      }
      return text;
    } catch (error) {
      if (!isItemError(error)) throw error;
      if (args.length === 0) continue;
      sink.note({
        class: 'needs-human',
        what: 'roles and their memberships',
        why: error.message,
        action: 'Create the roles by hand before a restore to another server.',
      });
    }
  }
  return undefined;
}
