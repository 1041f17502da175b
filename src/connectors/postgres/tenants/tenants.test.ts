import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../../test/servers/index.ts';
import type { MemoryResource } from '../../conformance-memory.ts';
import { refusedUndo } from '../../undo-for-test.ts';
import { captureOnce, newDatabase, settingsOf, sql } from '../database-for-test.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { TenantItem } from '../../tenants.ts';
import { itemsOf, tenantsOf } from './items.ts';
import { mapping } from './mapping.ts';
import { holdsForAnyDamage } from './property-for-test.ts';
import { manyModules, pooledMapping, pooledSchema, tenantRows } from './schema-for-test.ts';
import { othersState, restoreTenant, sorted, tenantContext, tenantState } from './world-for-test.ts';

let server: PostgresServer;
let captured: MemoryResource;
beforeAll(async () => {
  server = await startPostgres();
  const url = await newDatabase(server, 'base');
  await sql(
    url,
    pooledSchema('bigint', manyModules) + [1, 2, 3].map((n) => tenantRows(String(n), n, manyModules)).join('\n'),
  );
  captured = await captureOnce(settingsOf(server, url));
  expect(captured.failures).toEqual([]);
}, 60_000);
afterAll(async () => await server.remove());

let copies = 0;
async function copyOfBase(): Promise<string> {
  const name = `copy_${copies++}`;
  await sql(server.url(), `create database ${name} template base`);
  return server.url(name);
}

describe('a tenant', () => {
  test('who was deleted as a whole returns, and nobody else is touched', async () => {
    const url = await copyOfBase();
    const before = await tenantState(url, '2');
    const others = await othersState(url, '2');
    await sql(
      url,
      'delete from audit where org_id = 2; delete from events where org_id = 2; update orgs set owner_id = null where id = 2; delete from orgs where id = 2',
    );
    const { outcome } = await restoreTenant(tenantContext(server, url, '2', 'create-missing'), captured);
    expect(outcome).toMatchObject({ result: 'done', class: 'exact', failures: [] });
    expect(sorted(await tenantState(url, '2'))).toEqual(sorted(before));
    expect(await othersState(url, '2')).toEqual(others);
    expect((await restoreTenant(tenantContext(server, url, '2', 'exact'), captured)).actions).toEqual([]);
  });

  test('has nothing of it changed where what takes it back cannot be written', async () => {
    const url = await copyOfBase();
    await sql(url, 'delete from orders where org_id = 2');
    const before = [await tenantState(url, '2'), await othersState(url, '2')];
    const full = new HoldfastError('machine.disk-full', 'no space is left');
    const undo = refusedUndo(full);
    await expect(restoreTenant({ ...tenantContext(server, url, '2', 'exact'), undo }, captured)).rejects.toBe(full);
    expect([await tenantState(url, '2'), await othersState(url, '2')]).toEqual(before);
  });

  test('is listed, and shown row by row', async () => {
    const share = { mapping: mapping.parse(pooledMapping), key: 'org_id' };
    const names: string[] = [];
    for await (const name of tenantsOf(captured.captured, share)) names.push(name);
    expect(names.sort()).toEqual(['1', '2', '3']);
    const items: TenantItem[] = [];
    for await (const item of itemsOf(captured.captured, share, '2')) items.push(item);
    expect(items.length).toBe(
      [...(await tenantState(server.url('base'), '2')).values()].reduce((n, rows) => n + rows.size, 0),
    );
    expect(items.find(({ collection }) => collection === 'public.comments')).toEqual({
      collection: 'public.comments',
      key: '2001',
      bytes: expect.any(Number),
      row: { id: '2001', org: '2', number: 2, task: 1, author_id: '2002', body: 'tab\there\\' },
    });
  });

  test('whatever is done to it, each mode keeps its promise', async () => {
    await holdsForAnyDamage({ server, template: 'base', captured, tenants: ['1', '3'], runs: 3 });
  }, 120_000);
});
