import { matchesAny } from '../../config/glob.ts';
import type { CaptureSink } from '../../kernel/capture.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { addDefinitions, readDefinitions, type Definitions } from './capture-definitions.ts';
import { captureLargeObjects } from './capture-large-objects.ts';
import { captureSequences } from './capture-sequences.ts';
import { captureTables } from './capture-tables.ts';
import { readTables, type CatalogTable } from './catalog.ts';
import { connect, disconnect } from './connection.ts';
import { postgresError } from './errors.ts';
import { readHistory } from './history.ts';
import { captureNotes } from './ledger.ts';
import { placeOf, type PostgresOptions } from './options.ts';
import { checkDump } from './pg-dump.ts';
import { openSnapshot, type DatabaseSnapshot } from './snapshot.ts';
import { summariesFor } from './tenants/summary/columns.ts';

/**
 * Captures a database as it is at one moment: definitions as SQL, the rows of each table as pages in the order of its key,
 * values of sequences, large objects. Throws an item error where the database as a whole cannot be captured.
 */
export async function capture(
  context: ConnectorContext<PostgresOptions>,
  _resource: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const { options, signal } = context;
  const wanted = wantedRows(options);
  const { definitions, snapshot } = await readMoment(context, wanted);
  const { tables } = snapshot;
  const summaries = summariesFor(tables, wanted, context.tenants);
  try {
    const history = await readHistory(options, snapshot.query);
    const results = await Promise.allSettled([
      addDefinitions(context, definitions, snapshot, sink),
      captureTables({ snapshot, history, sink, signal, tables, wanted, summaries, connections: options.connections }),
      captureLargeObjects(snapshot, sink),
    ]);
    // What is still being read needs the snapshot, whether another part failed or not.
    await sink.root.idle();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    await captureSequences(snapshot, sink);
    for (const note of await captureNotes(snapshot.query, tables, wanted)) sink.note(note);
  } catch (error) {
    signal.throwIfAborted();
    if (!isItemError(error)) throw error;
    sink.fail(error);
  } finally {
    await snapshot.close();
  }
}

const mostAttempts = 5;

/** Definitions and a snapshot that fit each other: no table was made, changed or dropped between the two. */
async function readMoment(
  { options, signal, moment }: ConnectorContext<PostgresOptions>,
  wanted: (table: CatalogTable) => boolean,
): Promise<{ readonly definitions: Definitions; readonly snapshot: DatabaseSnapshot }> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const before = await readOutline(options, signal);
    const definitions = await readDefinitions(options, signal);
    const fits = (tables: readonly CatalogTable[]): boolean => outlineOf(tables) === before;
    const snapshot = await openSnapshot(options, { signal, wanted, fits, moment });
    if (snapshot) return { definitions, snapshot };
  }
  const resource = placeOf(options.url);
  throw new HoldfastError('item.changed', `the tables of ${resource} are being changed all the time`, {
    resource,
    hint: 'Run the snapshot while nobody makes, alters or drops tables.',
  });
}

async function readOutline(options: PostgresOptions, signal: AbortSignal): Promise<string> {
  const client = await connect(options.url);
  try {
    const { rows } = await client.query<{ version: number }>(
      "select pg_catalog.current_setting('server_version_num')::int as version",
    );
    await checkDump(options, rows[0]?.version ?? 0, signal);
    return outlineOf(await readTables(async (sql) => (await client.query(sql)).rows as never));
  } catch (error) {
    throw postgresError(error, `cannot read the catalog of ${placeOf(options.url)}`, placeOf(options.url));
  } finally {
    await disconnect(client);
  }
}

function outlineOf(tables: readonly CatalogTable[]): string {
  return JSON.stringify(
    tables.map(({ oid, schema, name, shape, definitions }) => [oid, schema, name, shape, definitions]),
  );
}

/** Whose rows the source's patterns let through. */
export function wantedRows({ include, exclude }: PostgresOptions): (table: CatalogTable) => boolean {
  const matches = (patterns: readonly string[], { schema, name }: CatalogTable): boolean =>
    matchesAny(patterns, schema) || matchesAny(patterns, `${schema}.${name}`);
  return (table) => (include.length === 0 || matches(include, table)) && !matches(exclude, table);
}
