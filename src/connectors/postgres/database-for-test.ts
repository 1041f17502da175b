import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { PostgresServer } from '../../../test/servers/index.ts';
import { captureAll, conformanceContext } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { options, type PostgresOptions } from './options.ts';

/** Runs SQL and returns the rows of the last statement. */
export async function sql<Row>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const results = [await client.query(text)].flat();
    return (results.at(-1)?.rows ?? []) as Row[];
  } finally {
    await client.end();
  }
}

export async function newDatabase(server: PostgresServer, name: string): Promise<string> {
  await sql(server.url(), `create database "${name}"`);
  return server.url(name);
}

/** What pg_dump of the server's own version says of a database. */
export async function dump(server: PostgresServer, url: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(server.binFolder, 'pg_dump'), [`--dbname=${url}`, ...args], {
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout.replaceAll(/^(\\(un)?restrict|-- Dumped) .*$/gm, '');
}

export function settingsOf(server: PostgresServer, url: string, more: Partial<PostgresOptions> = {}): PostgresOptions {
  return options.parse({ name: 'app', url, 'pg-dump': join(server.binFolder, 'pg_dump'), ...more });
}

export function contextOf(settings: PostgresOptions): RestoreContext<PostgresOptions> {
  return conformanceContext(settings, 'local', 'local').context;
}

/** One capture into memory; with the one before, unchanged pages are taken over from it. */
export async function captureOnce(settings: PostgresOptions, before?: MemoryResource): Promise<MemoryResource> {
  const previous = before === undefined ? undefined : new Map([[settings.name, before]]);
  const [captured] = (await captureAll(connector, contextOf(settings), previous)).values();
  if (!captured) throw new Error('nothing captured');
  return captured;
}

/** For comparing dumps: rows of a repaired table lie in another order. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}
