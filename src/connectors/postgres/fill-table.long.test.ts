import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { restoreAll } from '../conformance.ts';
import { captureOnce, contextOf, dump, lines, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { areMoreThan } from './fill-table.ts';
import { connector } from './index.ts';
import { listTables } from './rows.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ settings: { wal_level: 'logical' } });
}, 60_000);
afterAll(async () => await server?.remove());

const seed = `create table t (id int primary key, v text); insert into t select i, repeat('x', 400) from generate_series(1, 5000) i`;

/** The table as it is captured, and a context that restores it under another name. */
async function captureSeed(name: string) {
  const url = await newDatabase(server, name);
  await sql(url, seed);
  const settings = settingsOf(server, url);
  const captured = await captureOnce(settings);
  const to = `${name}_restored`;
  const context = { ...contextOf(settings), rename: (one: string) => (one === 'app' ? to : one) };
  return { url, captured, context, restored: server.url(to), before: lines(await dump(server, url)) };
}

/** With something that happens before a page is read; the number says which time. */
function watched(captured: CapturedResource, event: (time: number) => Promise<void>): CapturedResource {
  let reads = 0;
  return {
    ...captured,
    async bytes(entry: CapturedEntry) {
      if (entry.attributes['rows'] !== undefined) await event(++reads);
      return await captured.bytes(entry);
    },
  };
}

const visible = `select relpages::int as pages, relallvisible::int as visible from pg_class where relname = 't'`;

describe('a table that is restored', () => {
  test('is written frozen where it is new: nothing writes its rows a second time', async () => {
    const { captured, context, restored, before } = await captureSeed('frozen');
    await restoreAll(connector, context, new Map([['app', captured]]));
    const [found] = await sql<{ pages: number; visible: number }>(restored, visible);
    expect(found?.pages).toBeGreaterThan(100);
    // ANALYZE told it; no VACUUM has run. Pages that two of COPY's batches of rows share are without the mark.
    expect(found?.visible).toBeGreaterThan((found?.pages ?? 0) / 2);
    expect(lines(await dump(server, restored))).toEqual(before);
  }, 60_000);

  test('is filled in parts where one COPY was refused', async () => {
    const { captured, context, restored, before } = await captureSeed('refused');
    const once = watched(captured.captured, async (time) => {
      if (time === 3) throw new HoldfastError('item.unreadable', 'not this time');
      await Promise.resolve();
    });
    await restoreAll(connector, context, new Map([['app', { ...captured, captured: once }]]));
    expect(lines(await dump(server, restored))).toEqual(before);
  }, 60_000);

  test('is not truncated under somebody who writes to it', async () => {
    const { captured, context, restored, before } = await captureSeed('used');
    await newDatabase(server, 'used_restored');
    await sql(restored, 'create table t (id int not null, v text)');
    const writer = new Client({ connectionString: restored });
    await writer.connect();
    await writer.query(`begin; insert into t values (-1, 'theirs')`);
    const slow = watched(captured.captured, async (time) => {
      if (time === 1) await writer.query('commit');
    });
    await restoreAll(connector, context, new Map([['app', { ...captured, captured: slow }]]));
    await writer.end();
    const after = lines(await dump(server, restored));
    expect(after).toContain('-1\ttheirs');
    expect(after.filter((line) => line !== '-1\ttheirs')).toEqual(before);
  }, 60_000);

  test('is not truncated where changes are decoded for others', async () => {
    const { captured, context, restored, before } = await captureSeed('decoded');
    await newDatabase(server, 'decoded_restored');
    await sql(restored, `select pg_create_logical_replication_slot('theirs', 'pgoutput')`);
    try {
      await restoreAll(connector, context, new Map([['app', captured]]));
      expect(await sql(restored, visible)).toMatchObject([{ visible: 0 }]);
      expect(lines(await dump(server, restored))).toEqual(before);
    } finally {
      await sql(restored, `select pg_drop_replication_slot('theirs')`);
    }
  }, 60_000);
});

test('tables are listed whose pages are many', async () => {
  const url = await newDatabase(server, 'many');
  await sql(
    url,
    `create table b (id int primary key, v text); insert into b select i * 1000, repeat(md5(i::text), 30) from generate_series(1, 6000) i;
     create table a (id int); create table c (id int primary key); insert into c values (1); create table "b/x" (id int)`,
  );
  const { captured } = await captureOnce(settingsOf(server, url));
  let pages = 0;
  for await (const entry of captured.entries('public')) if (entry.attributes['rows'] !== undefined) pages++;
  expect(pages).toBeGreaterThan(64);
  const found: string[] = [];
  for await (const { name } of listTables(captured)) found.push(name);
  expect(found.sort()).toEqual(['a', 'b', 'b/x', 'c']);
}, 60_000);

test('a table is large by the bytes of its pages, of which no more are looked at than that takes', async () => {
  let looked = 0;
  async function* pages(...sizes: number[]): AsyncGenerator<{ size: number }> {
    for (const size of sizes) {
      looked++;
      yield await Promise.resolve({ size });
    }
  }
  expect(await areMoreThan(pages(), 0)).toBe(false);
  expect(await areMoreThan(pages(4, 4), 8)).toBe(false);
  looked = 0;
  expect(await areMoreThan(pages(4, 4, 1, 9, 9), 8)).toBe(true);
  expect(looked).toBe(3);
});
