import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import { restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreContext, RestoreMode } from '../contract.ts';
import { captureOnce, contextOf, dump, lines, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { everything, roles } from './everything-for-test.ts';
import { connector } from './index.ts';
import type { PostgresOptions } from './options.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await sql(server.url(), roles);
}, 60_000);
afterAll(async () => await server.remove());

async function restore(
  captured: MemoryResource,
  settings: PostgresOptions,
  more: Partial<RestoreContext<PostgresOptions>> = {},
): Promise<number> {
  const context = { ...contextOf(settings), ...more };
  return await restoreAll(connector, context, new Map([['app', captured]]));
}

function table(collection: string, prefix: string, mode: RestoreMode): Partial<RestoreContext<PostgresOptions>> {
  return { only: { collection, prefix: Buffer.from(prefix) }, mode };
}

describe('a restore', () => {
  test('into a database of another name brings back every object and every row, as pg_dump sees them', async () => {
    const url = await newDatabase(server, 'origin');
    await sql(url, everything);
    await sql(url, 'refresh materialized view app.top; refresh materialized view app.a_topmost');
    const settings = settingsOf(server, url);
    const captured = await captureOnce(settings);
    const rename = (name: string): string => (name === 'app' ? 'beside' : name);
    expect(await restore(captured, settings, { rename })).toBeGreaterThan(3);
    expect(await dump(server, server.url('beside'), '--schema-only')).toEqual(await dump(server, url, '--schema-only'));
    expect(lines(await dump(server, server.url('beside')))).toEqual(lines(await dump(server, url)));
    expect(await restore(captured, settings, { rename })).toBe(0);
    const values = 'select schemaname, sequencename, last_value from pg_sequences order by 1, 2';
    expect(await sql(server.url('beside'), values)).toEqual(await sql(url, values));
    const [{ shout }] = (await sql<{ shout: string }>(
      server.url('beside'),
      'select shout from app.customers where id = 3',
    )) as [{ shout: string }];
    expect(shout).toBe('CUSTOMER 3');
  }, 60_000);

  const rowsOf = async (url: string): Promise<unknown> => await sql(url, 'select * from t order by id');
  const seed = `create table t (id int generated always as identity primary key, v text, w int default 1); insert into t (v) select 'v' || i from generate_series(1, 5000) i;
    create table other (id int primary key references t on delete cascade); insert into other values (10); create table log (v text); insert into log select 'l' from generate_series(1, 3)`;
  const damage = `delete from t where id between 100 and 110; update t set v = 'changed' where id in (10, 4000); insert into t (v) values ('new');
    insert into log values ('m'); delete from log where ctid = '(0,1)'; insert into t (id, v) overriding system value values (9000000, 'far away')`;

  test.each<readonly [RestoreMode, Readonly<Record<string, number>>]>([
    ['create-missing', { back: 11, changed: 2, fresh: 1, far: 1, cascaded: 1, logs: 4 }],
    ['revert-changed', { back: 11, changed: 0, fresh: 1, far: 1, cascaded: 1, logs: 4 }],
    ['exact', { back: 11, changed: 0, fresh: 0, far: 0, cascaded: 1, logs: 3 }],
  ])('with mode %s touches what the mode says, and nothing else', async (mode, expected) => {
    const url = await newDatabase(server, `mode-${mode}`);
    await sql(url, seed);
    const settings = settingsOf(server, url);
    const captured = await captureOnce(settings);
    expect(await restore(captured, settings, { mode })).toBe(0);
    await sql(url, damage);
    expect(await restore(captured, settings, { mode })).toBeGreaterThan(0);
    const [found] = await sql(
      url,
      `select (select count(*)::int from t where id between 100 and 110) as back, (select count(*)::int from t where v = 'changed') as changed,
       (select count(*)::int from t where v = 'new') as fresh, (select count(*)::int from t where id = 9000000) as far,
       (select count(*)::int from other) as cascaded, (select count(*)::int from log) as logs`,
    );
    expect(found).toEqual(expected);
    expect(await restore(captured, settings, { mode })).toBe(0);
  });

  test('of one table brings it back with all that belongs to it, and leaves the others alone', async () => {
    const url = await newDatabase(server, 'one table');
    await sql(url, everything);
    const settings = settingsOf(server, url);
    const captured = await captureOnce(settings);
    const before = await dump(server, url);
    await sql(url, "drop table app.orders cascade; update app.customers set note = 'kept' where id = 1");
    expect(await restore(captured, settings, table('app', 'orders/', 'create-missing'))).toBeGreaterThan(0);
    await sql(url, 'update app.customers set note = null where id = 1');
    const after = await dump(server, url);
    // Views that went with it come back with their schema.
    expect(after.match(/app\.orders[ (].*$/gm)?.filter((line) => !line.includes('FROM'))).toEqual(
      before.match(/app\.orders[ (].*$/gm)?.filter((line) => !line.includes('FROM')),
    );
    expect(await restore(captured, settings, table('app', '', 'revert-changed'))).toBeGreaterThan(0);
    expect(lines(await dump(server, url))).toEqual(lines(before));
  }, 60_000);

  test('tells a table whose columns are others, and goes on with the rest', async () => {
    const url = await newDatabase(server, 'columns');
    await sql(url, seed);
    const settings = settingsOf(server, url);
    const captured = await captureOnce(settings);
    const rows = await rowsOf(url);
    await sql(url, "alter table log rename column v to w; update t set v = 'changed' where id = 1");
    await expect(restore(captured, settings, { mode: 'revert-changed' })).rejects.toThrow(/deeply equal \[\]/);
    expect(await rowsOf(url)).toEqual(rows);
  });
});
