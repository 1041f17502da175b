import { execFile } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import { startPostgres, type PostgresServer } from '../../../../test/servers/index.ts';

let estate: LocalEstate;
let server: PostgresServer;
const env = (): Record<string, string> => ({ DATABASE_URL: server.url('shop') });

async function sql(text: string, database = 'shop'): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    return ([await client.query(text)].flat().at(-1)?.rows ?? []) as unknown[];
  } finally {
    await client.end();
  }
}

/** Values that settings of a session show in another way: dates, intervals, money, quotes, backslashes, arrays. */
const everything = 'select t::text as row from orders t order by 1';

beforeAll(async () => {
  [estate, server] = await Promise.all([localEstate(), startPostgres()]);
  await sql('create database shop', 'postgres');
  await sql(
    `create table orders (id int primary key, tenant_id text not null, what text, due date, took interval, paid money,
       at timestamptz, tags text[], body bytea);
     insert into orders select i, 't' || i % 3, E'O''Brien \\\\ ' || i || E'\\nüber', date '2024-02-01' + i, make_interval(hours => i),
       i::money, timestamptz '2024-03-04 05:06:07+00', array['a', null, 'NULL', '"x"'], '\\x00ff' from generate_series(1, 30) i`,
  );
  await writeFile(
    join(estate.folder, 'holdfast.yaml'),
    `version: 1
estate: acme
repository: ./vault
tenants: { key: tenant_id, sources: { app: {} } }
sources:
  - { type: postgres, name: app, url: "\${DATABASE_URL}", pg-dump: ${join(server.binFolder, 'pg_dump')} }
`,
  );
  expect(await estate.run(['snapshot', '--quiet'], env())).toMatchObject({ status: 0, stderr: '' });
});
afterAll(async () => {
  await estate.remove();
  await server.remove();
});

async function restore(mode: string): Promise<unknown> {
  return await estate.run(['tenant', 'restore', 't1', '--mode', mode, '--undo', 'back', '--yes'], env());
}

/** The newest undo file, run by the server's own program with settings that are not those it was written with. */
async function takeBack(): Promise<void> {
  const folder = join(estate.folder, 'back');
  const [last = ''] = (await readdir(folder)).toSorted().toReversed();
  const file = join(folder, last, 'postgres', 'app.sql');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const psql = join(server.binFolder, 'psql');
  const settings =
    '-c datestyle=German -c intervalstyle=iso_8601 -c timezone=Asia/Tokyo -c standard_conforming_strings=off';
  await promisify(execFile)(psql, ['--no-psqlrc', '--set', 'ON_ERROR_STOP=1', '--file', file, server.url('shop')], {
    env: { ...process.env, PGOPTIONS: settings, PGCLIENTENCODING: 'LATIN1' },
  });
}

test('what a restore changed is taken back by psql, run by run, also into one folder', async () => {
  await sql(
    `delete from orders where tenant_id = 't1' and id < 12;
     update orders set what = null, due = due + 1, paid = 5::money, tags = '{}' where tenant_id = 't1' and id < 20;
     insert into orders (id, tenant_id, what, body) values (100, 't1', E'new \\\\', '\\x5c27')`,
  );
  const damaged = await sql(everything);
  expect(await restore('revert-changed')).toMatchObject({ status: 0 });
  const reverted = await sql(everything);
  expect(reverted).not.toEqual(damaged);
  expect(await restore('exact')).toMatchObject({ status: 0 });
  expect(await sql(everything)).toHaveLength(30);
  expect(await readdir(join(estate.folder, 'back'))).toHaveLength(2);

  // Each run's own file takes that run back, the last one first.
  await takeBack();
  expect(await sql(everything)).toEqual(reverted);
});

test('the file of a restore takes all of it back', async () => {
  await sql("delete from orders where tenant_id = 't1' and id % 2 = 0; update orders set due = null where id = 1");
  const damaged = await sql(everything);
  expect(await restore('exact')).toMatchObject({ status: 0 });
  expect(await sql(everything)).not.toEqual(damaged);
  await takeBack();
  expect(await sql(everything)).toEqual(damaged);
});

test('where the file cannot be written nothing is changed', async () => {
  await sql("delete from orders where tenant_id = 't1' and id < 8");
  const damaged = await sql(everything);
  await writeFile(join(estate.folder, 'taken'), '');
  const refused = await estate.run(['tenant', 'restore', 't1', '--undo', 'taken', '--yes'], env());
  expect(refused.status).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain('taken');
  expect(await sql(everything)).toEqual(damaged);
});
