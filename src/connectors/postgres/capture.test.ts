import { createServer, type AddressInfo } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import { captureAll } from '../conformance.ts';
import type { ReachedMoment } from '../../kernel/moment.ts';
import { captureOnce, contextOf, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { everything, roles } from './everything-for-test.ts';
import { connect } from './connection.ts';
import { connector } from './index.ts';
import { openSnapshot } from './snapshot.ts';
import { findTable, readRows, type RowFilter } from './rows.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await sql(server.url(), roles);
}, 60_000);
afterAll(async () => await server.remove());

async function rowsOf(captured: MemoryResource, schema: string, name: string, filter?: RowFilter): Promise<string[]> {
  const table = await findTable(captured.captured, schema, name);
  if (!table) throw new Error(`no ${name}`);
  const rows: string[] = [];
  for await (const { line } of readRows(captured.captured, table, filter)) rows.push(line.toString('utf8'));
  return rows;
}

describe('a capture', () => {
  test('of every kind of object holds every row, twice the same, and no password', async () => {
    const url = await newDatabase(server, 'every');
    await sql(url, everything);
    const first = await captureOnce(settingsOf(server, url));
    expect(first.failures.map(({ message }) => message)).toEqual([]);
    const second = await captureOnce(settingsOf(server, url), first);
    expect(second.dump()).toEqual(first.dump());
    expect(second.loadedAgain).toBe(0);
    for (const [table, count] of Object.entries({
      types: 6,
      lines: 3000,
      tokens: 2000,
      log: 600,
      empty: 2,
      base: 1,
      events_1: 310,
    }))
      expect([table, (await rowsOf(first, 'app', table)).length]).toEqual([table, count]);
    expect(await rowsOf(first, 'odd/schema %', 'Odd "Table" /\\ é')).toEqual(['-5\tx\ty', '2147483647\t\\t\t\\N']);
    expect(await rowsOf(first, 'app', 'customers', { equals: { id: '7' } })).toEqual([
      '7\tcustomer 7\t7@example.com\t\\N',
    ]);
    const globals = await first.captured.entry('', 'globals.sql');
    expect(globals?.secret).toBe(true);
    expect(first.dump().join('\n')).not.toContain('a-password-nobody-prints');
  });

  test('finds rows by key, and reads only the pages that may hold them', async () => {
    const url = await newDatabase(server, 'found');
    await sql(
      url,
      `create table n (id int primary key, v text); insert into n select i * 3, repeat('x', 200) from generate_series(-5000, 5000) i;
       create table w (word text, n int, v text, primary key (word, n));
       insert into w select md5(i::text), i, repeat('y', 200) from generate_series(1, 20000) i`,
    );
    const found = await captureOnce(settingsOf(server, url));
    const read: string[] = [];
    const watched: MemoryResource = {
      ...found,
      captured: {
        ...found.captured,
        read(entry) {
          read.push(Buffer.from(entry.key).toString());
          return found.captured.read(entry);
        },
      },
    };
    const pages = async (table: string): Promise<number> => {
      let count = 0;
      for await (const _ of found.captured.entries('public', { prefix: Buffer.from(`${table}/pages/`) })) count++;
      return count;
    };
    for (const table of ['n', 'w']) expect(await pages(table)).toBeGreaterThan(3);
    expect((await rowsOf(watched, 'public', 'n', { equals: { id: '-1500' } })).length).toBe(1);
    const [{ word } = { word: '' }] = await sql<{ word: string }>(url, 'select word from w where n = 77');
    expect((await rowsOf(watched, 'public', 'w', { equals: { word } })).length).toBe(1);
    expect(read.length).toBe(2);
    expect((await rowsOf(watched, 'public', 'n', { from: '-30', to: '30' })).length).toBe(20);
    expect(read.length).toBeLessThanOrEqual(4);
    expect((await rowsOf(watched, 'public', 'w', { equals: { n: '5' } })).length).toBe(1);
    expect(await rowsOf(watched, 'public', 'n', { equals: { id: '1' } })).toEqual([]);
  });

  test('is of one moment while rows are written, and sees no table empty that is being emptied', async () => {
    const url = await newDatabase(server, 'busy');
    await sql(
      url,
      `create table a (id int primary key, v int); create table b (id int primary key, v int);
      insert into a select i, 0 from generate_series(1, 2000) i; insert into b select i, 0 from generate_series(1, 2000) i`,
    );
    let stop = false;
    const writing = (async () => {
      for (let i = 1; !stop; i++) {
        await sql(
          url,
          `begin; update a set v = v + 1 where id = ${i}; update b set v = v - 1 where id = ${2001 - i}; commit;
          begin; create temp table keep on commit drop as table a; truncate a; insert into a table keep; commit`,
        );
      }
    })();
    try {
      for (let round = 0; round < 5; round++) {
        const found = await captureOnce(settingsOf(server, url));
        const a = await rowsOf(found, 'public', 'a');
        const b = await rowsOf(found, 'public', 'b');
        const sum = [...a, ...b].reduce((total, row) => total + Number(row.split('\t')[1]), 0);
        expect([found.failures, a.length, b.length, sum]).toEqual([[], 2000, 2000, 0]);
      }
    } finally {
      stop = true;
      await writing;
    }
  });

  test('shows the moment it tells: all that was there when it was let begin, and nothing of later', async () => {
    const url = await newDatabase(server, 'moment');
    await sql(url, "create table t (v text primary key); insert into t values ('before')");
    const told: ReachedMoment[] = [];
    let later: Promise<unknown> | undefined;
    const moment = {
      async begin() {
        await sql(url, "insert into t values ('prepared')");
        return { held: true };
      },
      reached(one: ReachedMoment) {
        told.push(one);
        later = sql(url, "insert into t values ('later')");
      },
    };
    const before = Date.now();
    const context = { ...contextOf(settingsOf(server, url)), moment };
    const found = (await captureAll(connector, context)).get('app') as MemoryResource;
    await later;
    expect(await rowsOf(found, 'public', 't')).toEqual(['before', 'prepared']);
    const [instant, ...more] = told;
    expect(more).toEqual([]);
    expect(instant).toMatchObject({
      kind: 'instant',
      clock: 'server',
      position: expect.stringMatching(/^transactions \d+:\d+:[\d,]*, WAL up to [0-9A-F]+\/[0-9A-F]+$/) as string,
    });
    const { from, to } = instant as ReachedMoment & { readonly kind: 'instant' };
    expect(before - 1).toBeLessThanOrEqual(from);
    expect(from).toBeLessThanOrEqual(to);
    expect(to).toBeLessThanOrEqual(Date.now() + 1);
  });

  test('refuses to leave out rows that a policy hides, and tables the role may not read', async () => {
    const url = await newDatabase(server, 'hidden');
    await sql(
      url,
      `drop role if exists reader; create role reader login; grant usage on schema public to reader;
      create table policed (id int primary key, who text);
      insert into policed values (1, 'reader'), (2, 'other'); alter table policed enable row level security;
      create policy own on policed using (who = current_user); grant select on policed to reader;
      create table open (id int primary key); insert into open values (1); grant select on open to reader`,
    );
    const found = await captureOnce(settingsOf(server, url.replace('postgres@', 'reader@')));
    const messages = found.failures.map(({ message }) => message).join('\n');
    expect(messages).toContain('row-level security');
    expect(await rowsOf(found, 'public', 'policed')).toEqual([]);
    expect(await rowsOf(found, 'public', 'open')).toEqual(['1']);
    await sql(url, 'create table secret (id int primary key)');
    await expect(captureOnce(settingsOf(server, url.replace('postgres@', 'reader@')))).rejects.toMatchObject({
      code: 'item.denied',
      message: expect.stringContaining('secret') as string,
    });
  });

  test('leaves rows out where the patterns say so, and tells', async () => {
    const url = await newDatabase(server, 'chosen');
    await sql(
      url,
      `create schema audit; create table audit.log (id int primary key); insert into audit.log values (1);
      create table kept (id int primary key); insert into kept values (1)`,
    );
    const found = await captureOnce(settingsOf(server, url, { exclude: ['audit.*'] }));
    expect(await rowsOf(found, 'audit', 'log')).toEqual([]);
    expect(await rowsOf(found, 'public', 'kept')).toEqual(['1']);
    expect(found.captured.ledger.map(({ why }) => why).join()).toContain('audit.log');
  });

  test('says what to install where pg_dump is missing, and names no password', async () => {
    const url = (await newDatabase(server, 'tools')).replace('postgres@', 'postgres:hunter2@');
    await expect(captureOnce(settingsOf(server, url, { 'pg-dump': '/nowhere/pg_dump' }))).rejects.toMatchObject({
      code: 'item.unreadable',
      hint: expect.stringContaining('postgresql-client-18') as string,
    });
    const down = settingsOf(server, 'postgres://postgres:hunter2@127.0.0.1:9/app');
    await expect(captureOnce(down)).rejects.toMatchObject({ code: 'item.unavailable' });
    await expect(captureOnce(down)).rejects.not.toThrow(/hunter2/);
  });

  test('fails for values of sequences that the role may not read', async () => {
    const url = await newDatabase(server, 'counted');
    await sql(
      url,
      `drop role if exists counter; create role counter login; grant usage on schema public to counter;
      create table t (id serial primary key); create sequence lone; grant select on t to counter`,
    );
    const found = await captureOnce(settingsOf(server, url.replace('postgres@', 'counter@')));
    expect(found.failures.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'item.denied the role may not read the value of public.lone and of 1 more sequences',
    ]);
  });

  test('takes the time it needs, and the connections it gets, whatever is set for the role and the database', async () => {
    const url = await newDatabase(server, 'limited');
    await sql(
      url,
      `drop role if exists short; create role short login connection limit 3; grant pg_read_all_data to short;
      create table t (id int primary key); insert into t values (1);
      alter database limited set transaction_timeout = '300ms'; alter role short set idle_session_timeout = '300ms'`,
    );
    const moment = {
      begin: async () => {
        await new Promise((resolve) => setTimeout(resolve, 600));
        return { held: false };
      },
      reached: () => undefined,
    };
    const context = { ...contextOf(settingsOf(server, url.replace('postgres@', 'short@'))), moment };
    const found = (await captureAll(connector, context)).get('app') as MemoryResource;
    expect(found.failures).toEqual([]);
    expect(await rowsOf(found, 'public', 't')).toEqual(['1']);
  });

  test('ends when it is called off while it waits for a lock', async () => {
    const url = await newDatabase(server, 'locked');
    await sql(url, 'create table t (id int primary key)');
    const holder = new Client({ connectionString: url });
    await holder.connect();
    const calling = new AbortController();
    const all = (): boolean => true;
    try {
      await holder.query('begin; lock table t in access exclusive mode');
      const settings = { signal: calling.signal, wanted: all, fits: all, moment: undefined };
      const opening = openSnapshot(settingsOf(server, url), settings);
      opening.catch(() => undefined);
      const waiting = 'select 1 from pg_locks where not granted';
      while ((await holder.query(waiting)).rows.length === 0) await new Promise((go) => setTimeout(go, 10));
      calling.abort(new Error('called off'));
      await expect(opening).rejects.toThrow('called off');
    } finally {
      await holder.end();
    }
  });

  test('says so where a server lets nobody in and says nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    try {
      await expect(connect(`postgres://postgres:hunter2@127.0.0.1:${port}/app`, 100)).rejects.toMatchObject({
        code: 'item.unavailable',
      });
    } finally {
      silent.close();
    }
  });
});
