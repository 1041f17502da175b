import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { CapturedResource } from '../../../kernel/entry.ts';
import { identifier } from '../sql.ts';
import { capturedTables } from './captured-tables.ts';
import { lineBatches } from './line-batches.ts';
import { readLiveTables, type LiveTable } from './live-tables.ts';
import { ownedTables } from './ownership.ts';
import type { RestoreContext } from '../../contract.ts';
import type { PostgresOptions } from '../options.ts';
import { readTenant, type TenantReader } from './tenant-rows.ts';
import { workTable, type WorkTable } from './work-table.ts';

export type Tenant = NonNullable<RestoreContext<PostgresOptions>['tenant']>;

/**
 * Copies the tenant's captured rows into temporary tables of the session, which the restore compares with. Throws
 * config.invalid, usage.invalid, item errors, and what the server refuses.
 */
export async function stage(
  client: Client,
  tenant: Tenant,
  captured: CapturedResource,
  signal: AbortSignal,
): Promise<WorkTable[]> {
  const owned = ownedTables(await capturedTables(captured), tenant);
  const reader = readTenant(captured, owned, tenant.id);
  const live = await readLiveTables(
    client,
    owned.map(({ table }) => table.document),
  );
  const tables: WorkTable[] = [];
  for (const [number, one] of owned.entries()) {
    signal.throwIfAborted();
    const work = workTable(one, live[number] as LiveTable, number);
    await stageTable(client, work, reader);
    tables.push(work);
  }
  return tables;
}

async function stageTable(client: Client, work: WorkTable, reader: TenantReader): Promise<void> {
  const { staged, target, owned, key } = work;
  const columns = owned.table.document.columns.map(({ name }) => identifier(name)).join(', ');
  await client.query(
    `create temporary table ${temporary(staged)} as select ${columns} from ${target} with no data;
     alter table ${staged} add "holdfast act" text, add "holdfast why" text, add "holdfast left out" boolean`,
  );
  for await (const { document, lines } of lineBatches(reader.rows(owned))) {
    const list = document.columns.map(({ name }) => identifier(name)).join(', ');
    await pipeline(Readable.from([lines]), client.query(copyFrom(`copy ${staged} (${list}) from stdin`)));
  }
  const index = key.length > 0 ? `create index on ${staged} (${key.map(identifier).join(', ')}); ` : '';
  await client.query(`${index}analyze ${staged}`);
}

/** CREATE TEMPORARY TABLE takes no schema but its own. */
export function temporary(name: string): string {
  return name.replace('pg_temp.', '');
}
