import { cp, rename, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import { captureOnce, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { newestWriter, type History } from './history.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(async () => await server.remove());

/** Content ids of everything, so that two captures are equal only where every byte of rows is. */
function contents(captured: MemoryResource): string[] {
  return captured.dump().filter((line) => line.includes('/pages/'));
}

/** What a capture that reuses pages holds must be what one that reads everything holds. */
async function reusesSoundly(url: string, change: () => Promise<unknown>): Promise<number> {
  const settings = settingsOf(server, url);
  const before = await captureOnce(settings);
  await change();
  const reusing = await captureOnce(settings, before);
  const reading = await captureOnce(settings);
  expect(contents(reusing)).toEqual(contents(reading));
  expect(reusing.failures).toEqual([]);
  return reusing.loadedAgain;
}

const fill = `create table t (id int primary key, v text); insert into t select i, repeat('x', 100) from generate_series(1, 12000) i;
  create table w (word text primary key, v text); insert into w select md5(i::text), repeat('y', 100) from generate_series(1, 12000) i;
  create table log (at int, v text); insert into log select i, 'z' from generate_series(1, 100) i`;

describe('a page is taken over unread only if it is what it was', () => {
  const changes: readonly (readonly [string, string, number])[] = [
    ['nothing happens', 'select 1', 0],
    ['a row is updated', "update t set v = 'new' where id = 5000", 1],
    ['a row is updated to what it was', 'update t set v = v where id = 5000', 1],
    ['a row is deleted', 'delete from t where id = 5000', 1],
    [
      'a row is deleted and inserted again',
      "begin; delete from t where id = 5000; insert into t values (5000, 'again'); commit",
      1,
    ],
    ['a row goes and another comes', "delete from t where id = 5000; insert into t values (5000, 'other')", 1],
    [
      'a row is inserted',
      "delete from t where id = 7; insert into w values ('0', 'new'); insert into log values (0, 'n')",
      3,
    ],
    ['a transaction is rolled back', "begin; update t set v = 'never'; delete from w; rollback", 0],
    ['a row is locked', 'begin; select * from t for update; commit', 0],
    ['a key moves to another page', 'update t set id = 20000 where id = 1', 1],
    ['it is vacuumed and frozen', 'vacuum freeze t; vacuum freeze w', 0],
    ['it is rewritten as it is', 'vacuum full t; cluster w using w_pkey', 0],
    ['it is emptied and filled', "truncate log; insert into log select i, 'y' from generate_series(1, 100) i", 1],
    ['a column with a default is added', 'alter table log add column more int default 7', 1],
    ['a column is dropped', 'alter table log drop column v', 1],
    [
      'a type changes without a rewrite',
      "create table ts (id int primary key, at timestamp); insert into ts values (1, '2026-01-01'); alter table ts alter column at type timestamptz",
      0,
    ],
    [
      'two tables change their names',
      `begin; create table a (id int primary key, v text); create table b (id int primary key, v text);
      insert into a values (1, 'a'); insert into b values (1, 'b'); commit`,
      0,
    ],
  ];
  test.each(changes)('%s', async (name, change, loads) => {
    const url = await newDatabase(server, name.replaceAll(' ', '_'));
    await sql(url, fill);
    const loaded = await reusesSoundly(url, async () => {
      for (const statement of change.startsWith('begin') ? [change] : change.split(';')) await sql(url, statement);
    });
    expect(loaded).toBe(loads);
  });

  test('names of tables and labels of types change, and with them the text of rows', async () => {
    const url = await newDatabase(server, 'labels');
    await sql(
      url,
      `${fill}; create type mood as enum ('sad', 'ok'); create table m (id int primary key, mood mood, of regclass);
      insert into m values (1, 'sad', 'log'); begin; create table a (id int primary key, v text); create table b (id int primary key, v text);
      insert into a values (1, 'a'); insert into b values (1, 'b'); commit`,
    );
    await reusesSoundly(url, () => sql(url, "alter type mood rename value 'sad' to 'blue'"));
    await reusesSoundly(url, () => sql(url, 'alter table log rename to logs'));
    await reusesSoundly(url, () =>
      sql(url, 'alter table a rename to c; alter table b rename to a; alter table c rename to b'),
    );
  });

  test('another transaction is running, and commits later', async () => {
    const url = await newDatabase(server, 'running');
    await sql(url, fill);
    const settings = settingsOf(server, url);
    const { Client } = await import('pg');
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query(
      "begin; update t set v = 'late' where id = 5000; savepoint s; update t set v = 'later' where id = 9000",
    );
    await sql(url, "update t set v = 'meanwhile' where id = 1");
    const before = await captureOnce(settings);
    await other.query('commit');
    await other.end();
    const reusing = await captureOnce(settings, before);
    expect(contents(reusing)).toEqual(contents(await captureOnce(settings)));
  });

  test('an older copy of the files takes its place, and goes another way with the same transactions', async () => {
    const own = await startPostgres();
    try {
      const url = await newDatabase(own, 'rolled_back');
      const settings = settingsOf(own, url);
      await sql(url, fill);
      await own.stop();
      await cp(own.dataFolder, `${own.dataFolder}-copy`, { recursive: true, preserveTimestamps: true });
      await own.start();
      await sql(url, "update t set v = 'one way' where id = 5000");
      const before = await captureOnce(settings);
      await own.stop();
      await rm(own.dataFolder, { recursive: true });
      await rename(`${own.dataFolder}-copy`, own.dataFolder);
      const { giveToServer } = await import('../../../test/servers/index.ts');
      const { execFileSync } = await import('node:child_process');
      await giveToServer(own.dataFolder);
      execFileSync('chown', ['-R', '--reference', own.dataFolder, own.dataFolder]);
      await own.start();
      await sql(url, "update t set v = 'the other' where id = 5000");
      const reusing = await captureOnce(settings, before);
      expect(contents(reusing)).toEqual(contents(await captureOnce(settings)));
      expect(contents(reusing)).not.toEqual(contents(before));
    } finally {
      await own.remove();
    }
  }, 60_000);

  test('transaction ids begin again: 32 bits are made 64', () => {
    const history: History = { id: '', oldestRunning: (1n << 32n) + 1000n, next: (1n << 32n) + 1000n };
    const reference = 997;
    expect(newestWriter(history, 0, reference)).toBe(undefined);
    expect(newestWriter(history, 1, reference)).toBe((1n << 32n) + 999n);
    // A row of the time before: its page is not taken for one that was written since.
    expect(newestWriter(history, 4_000_000_000, reference)).toBe((1n << 32n) + 1000n - 4_000_000_000n);
    expect(newestWriter(history, 2_147_483_647, reference)).toBe(undefined);
    // The connection asked later than the snapshot was taken, and the counter passed 2^32 in between.
    const late: History = { id: '', oldestRunning: (1n << 32n) - 5n, next: (1n << 32n) - 5n };
    expect(newestWriter(late, 100, 7)).toBe((1n << 32n) + 10n - 100n);
  });
});
