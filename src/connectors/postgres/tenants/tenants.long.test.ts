import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../../test/servers/index.ts';
import type { MemoryResource } from '../../conformance-memory.ts';
import { captureOnce, newDatabase, settingsOf, sql } from '../database-for-test.ts';
import { holdsForAnyDamage } from './property-for-test.ts';
import { manyModules, pooledSchema, tenantRows } from './schema-for-test.ts';

const tenants = 1000;
let server: PostgresServer;
let captured: MemoryResource;
beforeAll(async () => {
  server = await startPostgres();
  const url = await newDatabase(server, 'many');
  await sql(url, pooledSchema('bigint', manyModules));
  for (let from = 1; from <= tenants; from += 100) {
    const rows = Array.from({ length: 100 }, (_, i) => tenantRows(String(from + i), from + i, manyModules));
    await sql(url, rows.join('\n'));
  }
  await sql(url, 'create index on orders (org_id); create index on events (org_id); analyze');
  captured = await captureOnce(settingsOf(server, url));
  expect(captured.failures).toEqual([]);
}, 300_000);
afterAll(async () => await server.remove());

test('one of a thousand tenants, whatever is done to it', async () => {
  await holdsForAnyDamage({ server, template: 'many', captured, tenants: ['1', '500', '1000'], runs: 12 });
}, 300_000);
