import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../../test/servers/index.ts';
import type { MemoryResource } from '../../conformance-memory.ts';
import { captureOnce, newDatabase, settingsOf, sql } from '../database-for-test.ts';
import { fewModules, pooledMapping, pooledSchema, tenantRows } from './schema-for-test.ts';
import { othersState, restoreTenant, sorted, tenantContext, tenantState, type Restored } from './world-for-test.ts';

let server: PostgresServer;
let captured: MemoryResource;
beforeAll(async () => {
  server = await startPostgres();
  const url = await newDatabase(server, 'base');
  await sql(
    url,
    pooledSchema('text', fewModules) +
      [`o'brien "x"\t\\`, 'b'].map((id, n) => tenantRows(id, n + 1, fewModules)).join('\n'),
  );
  captured = await captureOnce(settingsOf(server, url));
}, 60_000);
afterAll(async () => await server.remove());

const odd = `o'brien "x"\t\\`;
let copies = 0;
async function damagedCopy(damage: string): Promise<string> {
  const name = `copy_${copies++}`;
  await sql(server.url(), `create database ${name} template base`);
  await sql(server.url(name), damage);
  return server.url(name);
}

function refersTo(table: string): string {
  return `it refers to a row of public.${table} that is not there, or not the tenant's`;
}

function messages({ outcome }: Restored): string[] {
  return (outcome?.failures ?? []).map(({ message }) => message);
}

describe('what a tenant clashes with is named and never overwritten', () => {
  test('a key that is another tenant’s row now; its children stay out with it', async () => {
    const url = await damagedCopy(
      "delete from orders where id = 2001; insert into orders (id, org_id, total) overriding system value values (2001, e'o''brien \"x\"\\t\\\\', 7)",
    );
    const others = await othersState(url, 'b');
    const restored = await restoreTenant(tenantContext(server, url, 'b', 'exact'), captured);
    expect(messages(restored)).toEqual([
      "row 2001 of public.orders: a row that is not the tenant's has its key",
      ...[1, 2].map(
        (line) => `row 2001, ${line} of public.order_lines: ${refersTo('orders')} (order_lines_order_id_fkey)`,
      ),
      ...[1, 2].map(
        (line) =>
          `row 2001, ${line}, vat of public.line_taxes: ${refersTo('order_lines')} (line_taxes_order_id_line_fkey)`,
      ),
    ]);
    expect(await othersState(url, 'b')).toEqual(others);
  });

  test('a unique value that another row took', async () => {
    const url = await damagedCopy(
      "delete from module_1 where code = 'c2000-2'; update module_1 set code = 'c2000-2' where code = 'c1000-2'",
    );
    const others = await othersState(url, 'b');
    const restored = await restoreTenant(tenantContext(server, url, 'b', 'exact'), captured);
    expect(messages(restored)).toEqual([
      expect.stringMatching(/^row \d+ of public.module_1: another row has its value of module_1_code_key$/),
    ]);
    expect(restored.actions[0]?.ledger?.[0]).toMatchObject({
      class: 'needs-human',
      what: 'rows of public.module_1',
      count: 1,
    });
    expect(await othersState(url, 'b')).toEqual(others);
  });

  test.each(['fail', 'null', 'skip'])('a shared row that is no more: %s', async (missingParent) => {
    const url = await damagedCopy(
      'update orgs set plan_id = 2; update order_lines set plan_id = null; delete from plans where id = 1',
    );
    const before = await tenantState(url, odd);
    await sql(url, 'delete from order_lines where order_id = 1001 and line = 1');
    const context = tenantContext(server, url, odd, 'create-missing', { ...pooledMapping, missingParent });
    const restored = await restoreTenant(context, captured);
    const now = sorted(await tenantState(url, odd));
    if (missingParent === 'null') {
      expect(restored.outcome).toMatchObject({ failures: [], items: 1 + 1 });
    } else if (missingParent === 'skip') {
      expect(restored.outcome).toMatchObject({ failures: [], class: 'needs-human' });
      expect(now).toEqual(sorted(before).filter((line) => !/^(order_lines|line_taxes) 1001,1[ ,]/.test(line)));
    } else {
      expect(messages(restored)).toEqual([
        `row 1001, 1 of public.order_lines: ${refersTo('plans')} (order_lines_plan_id_fkey)`,
        `row 1001, 1, vat of public.line_taxes: ${refersTo('order_lines')} (line_taxes_order_id_line_fkey)`,
      ]);
    }
  });

  test('a delete that would reach another tenant’s row through a cascade is refused', async () => {
    const url = await damagedCopy(`insert into users (id, org_id, email) values (900001, 'b', 'new');
      insert into users (id, org_id, email) values (900002, 'b', 'new too');
      insert into comment_likes values (1001, 900001);`);
    const others = await othersState(url, 'b');
    const restored = await restoreTenant(tenantContext(server, url, 'b', 'exact'), captured);
    expect(messages(restored)).toEqual([
      'row 900001 of public.users: rows of public.comment_likes that stay refer to it (comment_likes_user_id_fkey)',
    ]);
    expect(restored.outcome).toMatchObject({ items: 1 });
    expect(await othersState(url, 'b')).toEqual(others);
  });

  test('rows without a key are written where none is left, or in mode exact', async () => {
    const url = await damagedCopy(
      "update audit set what = 'other' where ctid = (select min(ctid) from audit where org_id = 'b')",
    );
    const restored = await restoreTenant(tenantContext(server, url, 'b', 'revert-changed'), captured);
    expect(messages(restored)).toEqual([expect.stringMatching(/the table has no key/)]);
    const exact = await restoreTenant(tenantContext(server, url, 'b', 'exact'), captured);
    expect(exact.outcome).toMatchObject({ failures: [], class: 'exact', items: 2 });
  });

  test('a table that the snapshot does not know, and a column that is gone', async () => {
    const url = await damagedCopy('alter table projects drop column note');
    await expect(restoreTenant(tenantContext(server, url, 'b', 'exact'), captured)).rejects.toMatchObject({
      code: 'item.conflict',
      message: 'public.projects: the live table has no column note',
    });
    const wrong = tenantContext(server, url, 'b', 'exact', { tables: { nothing: 'org_id' } });
    await expect(restoreTenant(wrong, captured)).rejects.toMatchObject({ code: 'config.invalid' });
  });
});
