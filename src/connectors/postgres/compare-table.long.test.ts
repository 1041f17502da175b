import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import { restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreMode } from '../contract.ts';
import { liesAsCaptured } from './compare-table.ts';
import { connect, disconnect } from './connection.ts';
import { captureOnce, contextOf, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { connector } from './index.ts';
import type { PostgresOptions } from './options.ts';
import { findTable, pagesOf } from './rows.ts';
import type { TableDocument } from './table-document.ts';

let server: PostgresServer;
let settings: PostgresOptions;
let captured: MemoryResource;
let table: TableDocument;
const rows = 12_000;
const text = `repeat(md5(i::text), 16)`;

beforeAll(async () => {
  server = await startPostgres();
  const url = await newDatabase(server, 'origin');
  await sql(
    url,
    `create table t (id int primary key, v text, twice int generated always as (id * 2) stored);
     insert into t select i, ${text} from generate_series(1, ${rows}) i`,
  );
  settings = settingsOf(server, url);
  captured = await captureOnce(settings);
  table = (await findTable(captured.captured, 'public', 't')) as TableDocument;
}, 60_000);
afterAll(async () => await server?.remove());

/** What a plan of the restore into that database has to do. */
async function planned(database: string, mode: RestoreMode): Promise<string[]> {
  const context = { ...contextOf(settings), mode, rename: () => database };
  const actions = (await connector.live?.plan(context, captured.captured)) ?? [];
  return actions.map(({ operation }) => operation).filter((operation) => operation !== 'refresh-views');
}

async function scans(database: string): Promise<{ readonly whole: number; readonly indexed: number } | undefined> {
  const [found] = await sql<{ whole: number; indexed: number }>(
    server.url(database),
    `select seq_scan::int as whole, idx_scan::int as indexed from pg_stat_user_tables where relname = 't'`,
  );
  return found;
}

const build = (select: string): string =>
  `create table t (id int not null, v text, twice int generated always as (id * 2) stored); insert into t (id, v) ${select};
   alter table t add constraint t_pkey primary key (id)`;
const all = `select i, ${text} from generate_series(1, ${rows}) i`;

describe('a table whose rows lie in the order of their key', () => {
  test('is compared by reading it once, without its index', async () => {
    await restoreAll(connector, { ...contextOf(settings), rename: () => 'same' }, new Map([['app', captured]]));
    const before = await scans('same');
    expect(await planned('same', 'exact')).toEqual([]);
    const after = await scans('same');
    expect(after?.indexed).toBe(before?.indexed);
    expect(after?.whole).toBe((before?.whole ?? 0) + 1);
  }, 60_000);

  test.each([
    [
      'a value',
      `select i, case i when 9000 then 'other' else ${text} end from generate_series(1, ${rows}) i`,
      'revert-changed',
    ],
    [
      'a value of the last row',
      `select i, case i when ${rows} then 'other' else ${text} end from generate_series(1, ${rows}) i`,
      'exact',
    ],
    ['a row behind the last one', `select i, ${text} from generate_series(1, ${rows + 1}) i`, 'exact'],
    ['a row between', `${all} where i < 7000 union all select 0, 'new' union all ${all} where i >= 7000`, 'exact'],
    ['the last row that is missing', `${all} where i < ${rows}`, 'create-missing'],
    ['the first row that is missing', `${all} where i > 1`, 'create-missing'],
  ] as const)(
    'is found to differ in %s',
    async (what, select, mode) => {
      const name = `differs ${what}`;
      await newDatabase(server, name);
      await sql(server.url(name), build(select));
      expect(await planned(name, mode)).toEqual(['write-rows']);
    },
    60_000,
  );
});

test('a table whose rows lie in another order is the same all the same', async () => {
  await newDatabase(server, 'other order');
  await sql(server.url('other order'), build(`${all} order by md5(i::text)`));
  expect(await planned('other order', 'exact')).toEqual([]);
}, 60_000);

test('what goes wrong while captured pages are read is told, and a restore that is interrupted ends', async () => {
  await newDatabase(server, 'interrupted');
  await sql(server.url('interrupted'), build(all));
  const { captured: resource } = captured;
  const ending = new AbortController();
  for (const [matcher, message] of [
    [() => Promise.reject(new Error('damaged')), 'damaged'],
    [
      (...args: Parameters<typeof resource.matcher>) => (ending.abort(new Error('ended')), resource.matcher(...args)),
      'ended',
    ],
  ] as const) {
    const client = await connect(server.url('interrupted'));
    const pages = pagesOf(resource, table);
    await expect(liesAsCaptured(client, { ...resource, matcher }, table, pages, ending.signal)).rejects.toThrow(
      message,
    );
    await disconnect(client);
  }
}, 60_000);
