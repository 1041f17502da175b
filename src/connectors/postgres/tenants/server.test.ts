import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../../test/servers/index.ts';
import type { MemoryResource } from '../../conformance-memory.ts';
import { captureOnce, newDatabase, settingsOf, sql } from '../database-for-test.ts';
import { apply } from '../apply.ts';
import { plan } from '../plan.ts';
import { fewModules, pooledMapping, pooledSchema, tenantRows } from './schema-for-test.ts';
import { othersState, restoreTenant, sorted, tenantContext, tenantState, withClient } from './world-for-test.ts';

const one = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
const two = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12';
let server: PostgresServer;
let captured: MemoryResource;
beforeAll(async () => {
  server = await startPostgres();
  const url = await newDatabase(server, 'base');
  await sql(
    url,
    `${pooledSchema('uuid', fewModules)}${[one, two].map((id, n) => tenantRows(id, n + 1, fewModules)).join('\n')}
    create table fired (what text);
    create function fire() returns trigger language plpgsql as $$ begin insert into public.fired values (tg_table_name || ' ' || tg_op); return new; end $$;
    create trigger fire after insert or update or delete on orders for each row execute function fire();`,
  );
  captured = await captureOnce(settingsOf(server, url));
}, 60_000);
afterAll(async () => await server.remove());

let copies = 0;
async function damagedCopy(damage: string): Promise<string> {
  const name = `copy_${copies++}`;
  await sql(server.url(), `create database ${name} template base`);
  await sql(server.url(name), damage);
  return server.url(name);
}
const allGone = `delete from audit; delete from events; update orgs set owner_id = null; delete from orgs where id = '${two}'; delete from fired`;

describe('triggers', () => {
  test('stay silent by default, fire where the mapping wants it', async () => {
    const url = await damagedCopy(allGone);
    const silent = await restoreTenant(tenantContext(server, url, two, 'exact'), captured);
    expect(silent.outcome).toMatchObject({ class: 'exact', failures: [] });
    expect(await sql(url, 'select * from fired')).toEqual([]);
    await sql(url, `delete from orders where id = 2001; delete from fired`);
    const loud = tenantContext(server, url, two, 'exact', { ...pooledMapping, triggers: 'on' });
    const { actions, outcome } = await restoreTenant(loud, captured);
    expect(outcome).toMatchObject({ class: 'exact', failures: [] });
    expect(actions[0]?.ledger).toMatchObject([{ class: 'needs-human', what: 'triggers of public.orders' }]);
    expect(await sql(url, 'select * from fired')).toEqual([{ what: 'orders INSERT' }]);
  });

  test('fire for a role that may not silence them: circles of tables return all the same', async () => {
    const url = await damagedCopy(allGone);
    await sql(
      url,
      `do $$ begin if not exists (select from pg_roles where rolname = 'plain') then create role plain login; end if; end $$;
       grant all on all tables in schema public to plain; grant all on all sequences in schema public to plain`,
    );
    const before = await tenantState(server.url('base'), two);
    const plain = tenantContext(server, url.replace('postgres@', 'plain@'), two, 'exact');
    const { actions, outcome } = await restoreTenant(plain, captured);
    expect(outcome).toMatchObject({ class: 'exact', failures: [] });
    expect(actions[0]?.ledger).toMatchObject([{ what: 'triggers of public.orders' }]);
    expect(sorted(await tenantState(url, two))).toEqual(sorted(before));
    expect(await sql(url, 'select count(*)::int from fired')).toEqual([{ count: 5 }]);
  });

  test('row-level security that hides rows from the role is an error, not a smaller tenant', async () => {
    const url = await damagedCopy(
      'alter table orders enable row level security; create policy own on orders using (id = 1)',
    );
    await sql(
      url,
      `do $$ begin if not exists (select from pg_roles where rolname = 'hidden') then create role hidden login; end if; end $$;
       grant all on all tables in schema public to hidden`,
    );
    const hidden = tenantContext(server, url.replace('postgres@', 'hidden@'), two, 'exact');
    await expect(plan(hidden, captured.captured)).rejects.toMatchObject({
      message: expect.stringContaining('row-level security'),
      hint: expect.stringContaining('BYPASSRLS'),
    });
  });
});

describe('others at the same time', () => {
  test('sequences go on behind what was written, and generated columns are computed', async () => {
    const url = await damagedCopy(
      `${allGone}; alter sequence users_id_seq restart with 3; alter sequence orders_id_seq restart with 9000`,
    );
    await restoreTenant(tenantContext(server, url, two, 'create-missing'), captured);
    expect(
      await sql(url, 'select last_value::text from users_id_seq union all select last_value::text from orders_id_seq'),
    ).toEqual([{ last_value: '2005' }, { last_value: '9000' }]);
    expect(await sql(url, 'select tax::text from orders where id = 2001')).toEqual([{ tax: '0.220' }]);
  });

  test('rows that changed since the plan are not overwritten', async () => {
    const url = await damagedCopy(`update orders set note = 'damaged' where id = 2001`);
    const context = tenantContext(server, url, two, 'revert-changed');
    const [action] = await plan(context, captured.captured);
    await sql(url, `update orders set note = 'the customer wrote this' where id = 2001`);
    await expect(apply(context, action as never, captured.captured)).rejects.toMatchObject({
      code: 'item.changed',
      message: expect.stringContaining('nothing was written'),
    });
    expect(await sql(url, 'select note from orders where id = 2001')).toEqual([{ note: 'the customer wrote this' }]);
  });

  test('two restores of one tenant: one writes, the other finds nothing to do', async () => {
    const url = await damagedCopy(allGone);
    const context = tenantContext(server, url, two, 'exact');
    const [action] = await plan(context, captured.captured);
    const outcomes = await Promise.all([1, 2].map(() => apply(context, action as never, captured.captured)));
    expect(outcomes.map(({ result }) => result).sort()).toEqual(['done', 'unchanged']);
    expect(sorted(await tenantState(url, two))).toEqual(sorted(await tenantState(server.url('base'), two)));
  });

  test('a unique value that somebody takes meanwhile is not there twice, deferrable or not', async () => {
    const url = await damagedCopy(`delete from module_1 where code = 'c2000-2';
      alter table module_1 drop constraint module_1_code_key, add constraint module_1_code_key unique (code) deferrable`);
    const context = tenantContext(server, url, two, 'exact');
    const [action] = await plan(context, captured.captured);
    await withClient(url, async (writer) => {
      await writer.query('begin');
      await writer.query(`insert into module_1 (org_id, code) values ('${one}', 'c2000-2')`);
      const applying = apply(context, action as never, captured.captured);
      await waitForLock(url);
      await writer.query('commit');
      expect((await applying).failures).toMatchObject([{ code: 'item.conflict' }]);
    });
    expect(await sql(url, "select count(*)::int from module_1 where code = 'c2000-2'")).toEqual([{ count: 1 }]);
  });

  test('a row that begins to refer to one that goes keeps it, whoever commits first', async () => {
    const url = await damagedCopy(`insert into users (id, org_id, email) values (900001, '${two}', 'new')`);
    const context = tenantContext(server, url, two, 'exact');
    const [action] = await plan(context, captured.captured);
    const writer = new Client({ connectionString: url });
    await writer.connect();
    await writer.query('begin');
    await writer.query('insert into comment_likes values (1001, 900001)');
    const applying = apply(context, action as never, captured.captured).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    await waitForLock(url);
    await writer.query('commit');
    await writer.end();
    expect(['item.changed', 'done']).toContain(await applying);
    expect(await sql(url, 'select count(*)::int from users where id = 900001')).toEqual([{ count: 1 }]);
  });

  test('a server that dies in the middle leaves nothing half done', async () => {
    const url = await damagedCopy(allGone);
    const gone = await tenantState(url, two);
    const others = await othersState(url, two);
    const context = tenantContext(server, url, two, 'exact');
    const [action] = await plan(context, captured.captured);
    // Somebody adds a plan's reader: the restore waits for this lock with its rows written, or about to be.
    const blocker = new Client({ connectionString: url });
    blocker.on('error', () => undefined);
    await blocker.connect();
    await blocker.query('begin; lock table line_taxes in exclusive mode');
    const applying = apply(context, action as never, captured.captured).then(
      () => undefined,
      (error: unknown) => error,
    );
    await waitForLock(url);
    await server.kill();
    expect(await applying).toMatchObject({ code: 'item.unavailable' });
    await blocker.end().catch(() => undefined);
    await server.start();
    expect(sorted(await tenantState(url, two))).toEqual(sorted(gone));
    expect(await othersState(url, two)).toEqual(others);
    expect((await apply(context, action as never, captured.captured)).class).toBe('exact');
  });
});

/** Returns when somebody waits for a lock. */
async function waitForLock(url: string): Promise<void> {
  await withClient(url, async (client) => {
    for (;;) {
      const { rows } = await client.query("select from pg_stat_activity where wait_event_type = 'Lock'");
      if (rows.length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
}
