import { expect, test } from 'vitest';
import { restoreAll } from '../../src/connectors/conformance.ts';
import {
  captureOnce,
  contextOf,
  newDatabase,
  settingsOf,
  sql,
} from '../../src/connectors/postgres/database-for-test.ts';
import { everything, roles } from '../../src/connectors/postgres/everything-for-test.ts';
import { connector } from '../../src/connectors/postgres/index.ts';
import { kindsOf } from '../../src/connectors/postgres/kinds-for-test.ts';
import { showRows } from '../../src/connectors/postgres/show-rows.ts';
import { builtInTypes, everyType } from '../../src/connectors/postgres/types-for-test.ts';
import { startPostgres } from '../servers/index.ts';
import { tableSums } from './table-sums.ts';

/** Kinds of objects, and how many of each that people made; ranges have multiranges, with functions of their own, from 14 on. */
const census = `select c.relkind::text || ' ' || n.nspname as kind, count(*)::int as number from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' group by 1
  union all select 'constraint ' || contype::text, count(*)::int from pg_constraint k where contype <> 'n' and connamespace >= 16384 group by 1
  union all select 'function ' || prokind::text, count(*)::int from pg_proc where oid >= 16384 and proname !~ 'multirange' group by 1
  union all select 'trigger', count(*)::int from pg_trigger where not tgisinternal
  union all select 'policy', count(*)::int from pg_policy union all select 'role', count(*)::int from pg_roles where rolname ~ '^app_'
  union all select 'operator', count(*)::int from pg_operator where oid >= 16384
  union all select 'privileges', count(*)::int from pg_class where oid >= 16384 and relacl is not null
  order by 1`;

test('a database of PostgreSQL 13 comes back in 18: all of it, one table, and rows by their values', async () => {
  const [old, now] = await Promise.all([startPostgres({ version: 13 }), startPostgres({ version: 18 })]);
  try {
    await sql(old.url(), roles);
    const url = await newDatabase(old, 'app');
    await sql(url, everyType(await sql(url, builtInTypes), false));
    await sql(url, everything);
    await sql(url, kindsOf(13));
    await sql(url, 'refresh materialized view app.top; refresh materialized view app.a_topmost');
    const captured = await captureOnce(settingsOf(old, url));
    expect(captured.failures).toEqual([]);

    const there = now.url('app');
    const context = contextOf(settingsOf(now, there));
    const all = new Map([['app', captured]]);
    await restoreAll(connector, context, all);
    expect(await tableSums(there)).toEqual(await tableSums(url));
    expect(await sql(there, census)).toEqual(await sql(url, census));
    const sequences = 'select schemaname, sequencename, last_value from pg_sequences order by 1, 2';
    expect(await sql(there, sequences)).toEqual(await sql(url, sequences));

    await sql(there, 'drop table app.orders cascade');
    const only = { collection: 'app', prefix: Buffer.from('orders/') };
    expect(await restoreAll(connector, { ...context, only }, all)).toBeGreaterThan(0);
    const orders = (await tableSums(url)).filter(([name]) => name === 'app.orders');
    expect((await tableSums(there)).filter(([name]) => name === 'app.orders')).toEqual(orders);

    const shown: unknown[] = [];
    const found = await showRows(captured.captured, 'app/orders', { id: '42' });
    for await (const row of found?.rows ?? []) shown.push(row);
    expect(shown).toEqual([['42', '43', '2026-01-02 18:00:00+00', '42.00']]);
  } finally {
    await Promise.all([old.remove(), now.remove()]);
  }
}, 180_000);
