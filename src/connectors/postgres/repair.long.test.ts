import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import { restoreAll } from '../conformance.ts';
import type { RestoreContext, RestoreMode } from '../contract.ts';
import { captureOnce, contextOf, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { connector } from './index.ts';
import type { PostgresOptions } from './options.ts';

let server: PostgresServer;
let url: string;
let settings: PostgresOptions;
let captured: MemoryResource;

/** Several pages each, but for the small ones: values that are not compressed count in full. */
const tables = `
create extension vector;
create table counted (id serial primary key, v text); insert into counted (v) select 'v' from generate_series(1, 5);
create schema my_public; create table "user" (id int primary key, v text); create table my_public."user" (id int primary key);
insert into "user" values (1, 'a'); insert into my_public."user" values (1);
create table wide (k text primary key, v text); alter table wide alter v set storage external;
insert into wide select 'k' || i, repeat('x', 100000) from generate_series(1, 6) i;
create table numbered (k text primary key, n bigint generated always as identity, v text); insert into numbered (k, v) select 'k' || i, 'v' from generate_series(1, 9) i;
create table people (id int primary key, email text unique, v text); insert into people select i, 'e' || i, repeat('x', 100) from generate_series(1, 9000) i;
create table amounts (k numeric primary key, v text); alter table amounts alter v set storage external; insert into amounts select i, repeat('x', 9000) from generate_series(1, 100) i;
create table places (at vector(2) primary key, v text); alter table places alter v set storage external; insert into places select ('[' || i || ',1]')::vector, repeat('x', 9000) from generate_series(1, 100) i;
create table lists (k int[] primary key, v text); alter table lists alter v set storage external; insert into lists select array[i, 2], repeat('x', 9000) from generate_series(1, 100) i;`;

beforeAll(async () => {
  server = await startPostgres();
  url = await newDatabase(server, 'app');
  await sql(url, tables);
  settings = settingsOf(server, url);
  captured = await captureOnce(settings);
}, 60_000);
afterAll(async () => await server.remove());

async function restore(mode: RestoreMode, collection: string, prefix = ''): Promise<number> {
  const context: RestoreContext<PostgresOptions> = {
    ...contextOf(settings),
    mode,
    only: { collection, prefix: Buffer.from(prefix) },
  };
  return await restoreAll(connector, context, new Map([['app', captured]]));
}

const texts = async (table: string): Promise<unknown> => await sql(url, `select t.*::text from ${table} t order by 1`);

async function back(table: string, damage: string, mode: RestoreMode): Promise<void> {
  const before = await texts(table);
  await sql(url, damage);
  expect(await texts(table)).not.toEqual(before);
  await restore(mode, 'public', `${table}/`);
  expect(await texts(table)).toEqual(before);
}

describe('a repair', () => {
  test('of a table by path brings back one that is called like a keyword, and no other that is called like it', async () => {
    await sql(url, 'drop table "user"; drop table my_public."user"');
    await restore('create-missing', 'public', 'user/');
    expect(await sql(url, 'select * from "user"')).toEqual([{ id: 1, v: 'a' }]);
    expect(await sql(url, `select to_regclass('my_public."user"') as there`)).toEqual([{ there: null }]);
    await expect(restore('create-missing', 'public', 'us')).rejects.toMatchObject({ code: 'item.invalid' });
  });

  test('of a dropped table by path lets the sequence that it owns go on where it was', async () => {
    await sql(url, 'drop table counted');
    await restore('create-missing', 'public', 'counted/');
    expect(await sql(url, "insert into counted (v) values ('next') returning id")).toEqual([{ id: 6 }]);
  });

  test('in mode exact deletes rows before the first page as well', async () => {
    await back('wide', "insert into wide values ('a', 'new')", 'exact');
  });

  test('puts rows back of which the server gives the numbers itself', async () => {
    const damage = `update numbered set v = 'changed' where k = 'k3'; delete from numbered where k = 'k5'; insert into numbered (k, v) values ('k5', 'v')`;
    await back('numbered', damage, 'revert-changed');
  });

  test('puts unique values back that rows of other pages have now, and those that two rows gave each other', async () => {
    const damage = `delete from people where id = 5; insert into people values (10000000, 'e5', 'again');
      update people set email = 'free' where id = 7; update people set email = 'e7' where id = 8999;
      update people set email = 'x' where id = 20; update people set email = 'e20' where id = 21; update people set email = 'e21' where id = 20`;
    await back('people', damage, 'exact');
  });

  test('finds rows by keys whose operators an extension brought, by arrays, and by numbers that are written otherwise', async () => {
    expect(captured.failures).toEqual([]);
    await back(
      'places',
      "delete from places where at::text like '[1%'; update places set v = 'y' where at::text = '[20,1]'",
      'revert-changed',
    );
    await back(
      'lists',
      "delete from lists where k[1] between 20 and 50; insert into lists values ('{1,1}', '')",
      'exact',
    );
    await back('amounts', 'update amounts set k = 7.00 where k = 7', 'revert-changed');
  });

  test('brings tables back that refer to each other, also for a role whose foreign keys do not rest', async () => {
    const origin = await newDatabase(server, 'keyed');
    await sql(
      origin,
      `create role plain login; grant all on schema public to plain; set role plain; create table z_parents (id int primary key);
       create table m_middle (id int primary key references z_parents); create table a_children (id int primary key references m_middle);
       insert into z_parents values (1), (2); insert into m_middle values (1), (2); insert into a_children values (1), (2)`,
    );
    const plain = settingsOf(server, origin.replace('postgres@', 'plain@'), { connections: 1 });
    const keyed = new Map([['app', await captureOnce(plain)]]);
    for (const damage of [
      'truncate z_parents cascade',
      'delete from a_children where id = 1; delete from m_middle where id = 1; delete from z_parents where id = 1',
    ]) {
      await sql(origin, damage);
      await restoreAll(connector, { ...contextOf(plain), mode: 'create-missing' }, keyed);
      expect(await sql(origin, 'select id from a_children order by 1')).toEqual([{ id: 1 }, { id: 2 }]);
    }
  });

  test('of one page in mode exact deletes nothing of other pages', async () => {
    const [first] = await pagesOf('people');
    await sql(url, "insert into people values (20000000, 'far', 'new')");
    await restore('exact', 'public', first);
    expect(await sql(url, "select id from people where email = 'far'")).toEqual([{ id: 20_000_000 }]);
    expect(await sql(url, 'select count(*)::int as rows from people')).toEqual([{ rows: 9001 }]);
  });

  test('in mode exact deletes nothing where the server sorts the keys otherwise now', async () => {
    await sql(url, "alter table amounts alter k type text; update amounts set v = 'y' where k in ('5', '60')");
    const context: RestoreContext<PostgresOptions> = {
      ...contextOf(settings),
      mode: 'exact',
      only: { collection: 'public', prefix: Buffer.from('amounts/') },
    };
    const messages: string[] = [];
    for (const action of (await connector.live?.plan(context, captured.captured)) ?? []) {
      const outcome = await connector.live?.apply(context, action, captured.captured);
      messages.push(...(outcome?.failures ?? []).map(({ message }) => message));
    }
    expect(messages).toEqual(['public.amounts: the server sorts its keys otherwise than when it was captured']);
    expect(await sql(url, 'select count(*)::int as rows from amounts')).toEqual([{ rows: 100 }]);
    await restore('revert-changed', 'public', 'amounts/');
    expect(await sql(url, "select k from amounts where v = 'y'")).toEqual([]);
  });
});

async function pagesOf(table: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of captured.captured.entries('public', { prefix: Buffer.from(`${table}/pages/`) }))
    keys.push(Buffer.from(key).toString());
  return keys;
}
