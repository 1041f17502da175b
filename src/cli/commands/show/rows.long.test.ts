import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import { startPostgres, type PostgresServer } from '../../../../test/servers/index.ts';

let estate: LocalEstate;
let server: PostgresServer;
const env = (): Record<string, string> => ({ DATABASE_URL: server.url('shop') });

async function sql(database: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    return ([await client.query(text)].flat().at(-1)?.rows ?? []) as unknown[];
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  [estate, server] = await Promise.all([localEstate(), startPostgres()]);
  await sql('postgres', 'create database shop');
  await sql(
    'shop',
    `create table orders (id int primary key, what text, note text);
     insert into orders select i, 'thing ' || i, case when i % 2 = 0 then 'even' end from generate_series(1, 3000) i`,
  );
  await writeFile(
    join(estate.folder, 'holdfast.yaml'),
    `version: 1\nestate: acme\nrepository: ./vault\nsources:\n  - { type: postgres, name: app, url: "\${DATABASE_URL}", pg-dump: ${join(server.binFolder, 'pg_dump')} }\n`,
  );
  expect(await estate.run(['snapshot', '--quiet'], env())).toMatchObject({ status: 0, stderr: '' });
});
afterAll(async () => {
  await estate.remove();
  await server.remove();
});

test('rows of a captured table, by key and by any other column', async () => {
  const path = 'latest:postgres/app/public/orders';
  expect((await estate.run(['show', path, '--where', 'id=42'], env())).stdout).toBe(
    '{"id":"42","what":"thing 42","note":"even"}\n',
  );
  expect((await estate.run(['show', path, '--where', 'what=thing 7', '--where', 'note'], env())).stdout).toBe(
    '{"id":"7","what":"thing 7","note":null}\n',
  );
  const { stdout } = await estate.run(['show', path, '--where', 'id=9999', '--json'], env());
  expect(JSON.parse(stdout)).toMatchObject({ columns: ['id', 'what', 'note'], rows: [] });
  expect(await estate.run(['show', path, '--where', 'nope=1'], env())).toMatchObject({ status: 2 });
  expect(await estate.run(['show', 'latest:postgres/app/public', '--where', 'id=1'], env())).toMatchObject({
    status: 2,
  });
});

test('a table is lost and comes back from the command line; a second snapshot reads nothing again', async () => {
  const again = await estate.run(['snapshot', '--json'], env());
  expect(again.status).toBe(0);
  expect(again.stdout).toContain('"reused"');
  await sql('shop', "update orders set what = 'spoilt' where id < 10; delete from orders where id > 2990");
  const table = await estate.run(
    ['restore', 'latest:postgres/app/public/orders', '--to', 'live', '--mode', 'revert-changed', '--yes'],
    env(),
  );
  expect(table).toMatchObject({ status: 0 });
  expect(await sql('shop', "select count(*)::int as n from orders where what like 'thing %'")).toEqual([{ n: 3000 }]);
  const beside = await estate.run(
    ['restore', 'latest:postgres/app', '--to', 'live', '--rename', 'app=beside', '--yes'],
    env(),
  );
  expect(beside).toMatchObject({ status: 0 });
  expect(await sql('beside', 'select count(*)::int as n from orders')).toEqual([{ n: 3000 }]);
});
