import type { Client } from 'pg';
import type { RestoreMode } from '../../contract.ts';
import { identifier, literal } from '../sql.ts';
import { settleConflicts } from './conflicts.ts';
import { mappingOf } from './mapping.ts';
import { temporary, type Tenant } from './stage.ts';
import { tenantText } from './tenant-id.ts';
import { columnAt } from './tenant-rows.ts';
import { differ, equal, rowText, type WorkTable } from './work-table.ts';

/** `lock`: the tenant's live rows are locked, parents first, in the order of their keys: nobody changes them, or adds children. */
export interface Comparison {
  readonly tenant: Tenant;
  readonly mode: RestoreMode;
  readonly lock: boolean;
}

/**
 * Marks what is to be done with each staged and each existing row, within a transaction, and what cannot be done. Nothing but
 * temporary tables is written. Throws what the server refuses.
 */
export async function compare(client: Client, tables: readonly WorkTable[], comparison: Comparison): Promise<void> {
  // One round trip for each table: a schema has many, and most of them little to do.
  for (const work of tables) {
    const marks = work.key.length > 0 ? markKeyed(work, comparison.mode) : markWhole(work, comparison.mode);
    await client.query([...copyExisting(tables, work, comparison), ...marks].join(';\n'));
  }
  await settleConflicts(client, tables, mappingOf(comparison.tenant));
}

function copyExisting(tables: readonly WorkTable[], work: WorkTable, { tenant, lock }: Comparison): string[] {
  const { staged, existing, target, key, live } = work;
  const columns = live.columns.map(({ name }) => `l.${identifier(name)}`).join(', ');
  const order = key.length > 0 ? ` order by ${key.map((name) => `l.${identifier(name)}`).join(', ')}` : '';
  return [
    `drop table if exists ${existing}`,
    `create temporary table ${temporary(existing)} as select ${columns}, l.ctid as "holdfast place", l.tableoid as "holdfast table",
     null::text as "holdfast fate", null::text as "holdfast why"
     from ${target} l where ${belongs(tables, work, tenant)}${order}${lock ? ' for update of l' : ''}`,
    ...(key.length > 0 ? [`create index on ${existing} (${key.map(identifier).join(', ')})`] : []),
    `analyze ${existing}`,
    `update ${staged} set "holdfast act" = null, "holdfast why" = null, "holdfast left out" = null
     where "holdfast act" is not null or "holdfast why" is not null`,
  ];
}

/** Whether a live row `l` is the tenant's. Compared by text besides, as captured rows are: collations may take more for equal. */
function belongs(tables: readonly WorkTable[], { owned, live }: WorkTable, tenant: Tenant): string {
  const { owner, table } = owned;
  if (owner.kind === 'column') {
    const column = `l.${identifier(owner.column)}`;
    const captured = columnAt(table.document, owner.column).column;
    const type = live.columns.find(({ name }) => name === owner.column)?.type ?? 'text';
    const value = literal(tenantText(tenant.id, captured));
    const isText = captured.base !== 'pg_catalog.bpchar';
    return `${column} = ${value}::${type}${isText ? ` and ${column}::text collate "C" = ${value}` : ''}`;
  }
  const { reference, parent } = owner;
  const above = tables.find(({ id }) => id === parent);
  return `exists (select from ${above?.existing} p where ${equal('p', reference.to.columns, 'l', reference.columns)})`;
}

function markKeyed({ staged, existing, target, key, compared }: WorkTable, mode: RestoreMode): string[] {
  const same = equal('e', key, 's');
  const marks = [
    `update ${staged} s set "holdfast act" = 'create' where not exists (select from ${existing} e where ${same})`,
    `update ${staged} s set "holdfast act" = null, "holdfast why" = 'a row that is not the tenant''s has its key'
     where s."holdfast act" = 'create' and exists (select from ${target} l where ${equal('l', key, 's')})`,
  ];
  if (mode !== 'create-missing') {
    marks.push(
      `update ${staged} s set "holdfast act" = 'update' from ${existing} e where ${same} and (${differ('s', 'e', compared)})`,
      `update ${existing} e set "holdfast fate" = 'update' from ${staged} s where ${same} and s."holdfast act" = 'update'`,
    );
  }
  if (mode === 'exact') {
    marks.push(
      `update ${existing} e set "holdfast fate" = 'delete' where not exists (select from ${staged} s where ${same})`,
    );
  }
  return marks;
}

/**
 * Rows without a key are compared as a multiset: one that was changed cannot be told from one that was deleted and one that is
 * new. Exact makes both sides equal whatever happened; the other modes write only where no row of the tenant is left.
 */
function markWhole({ staged, existing, written }: WorkTable, mode: RestoreMode): string[] {
  const numbered = (table: string, alias: string): string =>
    `select ${alias}.ctid as place, ${rowText(alias, written)} as text,
     pg_catalog.row_number() over (partition by ${rowText(alias, written)}) as number from ${table} ${alias}`;
  const both = `with a as (${numbered(staged, 's')}), b as (${numbered(existing, 'e')})`;
  const missing = `${both} select a.place from a left join b using (text, number) where b.place is null`;
  const surplus = `${both} select b.place from b left join a using (text, number) where a.place is null`;
  const isSafe = mode === 'exact' ? 'true' : `not exists (select from ${existing})`;
  return [
    `update ${staged} s set "holdfast act" = case when ${isSafe} then 'create' end,
     "holdfast why" = case when not (${isSafe}) then 'the table has no key, so that it cannot be told whether the row was changed; mode exact writes it' end
     where s.ctid in (${missing})`,
    ...(mode === 'exact' ? [`update ${existing} e set "holdfast fate" = 'delete' where e.ctid in (${surplus})`] : []),
  ];
}
