import type { Client } from 'pg';
import { HoldfastError } from '../../../kernel/errors.ts';
import { identifier } from '../sql.ts';
import type { TableDifference } from './differences.ts';
import type { LiveReference } from './live-tables.ts';
import { equal, nameOf, target, type WorkTable } from './work-table.ts';

/**
 * Locks the rows that written rows will refer to, as the server's own triggers for foreign keys do: they may be changed, but
 * not deleted, until the transaction ends.
 */
export async function lockParents(
  client: Client,
  tables: readonly WorkTable[],
  differences: readonly TableDifference[],
): Promise<void> {
  const locks = writtenReferences(tables, differences).map(
    ({ staged, reference: { columns, to, toColumns } }) =>
      `select count(*) from (select 1 from ${target(to)} l where exists (select from ${staged} s
       where s."holdfast act" is not null and ${equal('l', toColumns, 's', columns)}) for key share of l) as locked`,
  );
  if (locks.length > 0) await client.query(locks.join(';\n'));
}

/**
 * Keeps others from writing to tables with deferrable unique constraints: where triggers are off, the server lets values in
 * that a transaction still running has as well.
 */
export async function lockDeferrable(client: Client, tables: readonly WorkTable[]): Promise<void> {
  for (const { live } of tables) {
    if (live.uniques.some(({ immediate }) => !immediate))
      await client.query(`lock table ${target(live)} in share row exclusive mode`);
  }
}

/**
 * Looks whether every foreign key of a row that was written leads to a row, and none to one that was deleted or changed: with
 * triggers off the server does not. Throws item.changed, for what others did meanwhile.
 */
export async function verifyReferences(
  client: Client,
  tables: readonly WorkTable[],
  differences: readonly TableDifference[],
): Promise<void> {
  const checks = writtenReferences(tables, differences).map(({ staged, reference }) => ({
    reference,
    rows: `(select ${list(reference.columns)} from ${staged} where "holdfast act" is not null)`,
  }));
  for (const { id, existing, live } of tables) {
    const todo = differences.find(({ table }) => table === id);
    if (!todo || todo.update + todo.delete === 0) continue;
    for (const reference of live.referencedBy) {
      const { from, columns, toColumns } = reference;
      const rows = `(select ${columns.map((name) => `c.${identifier(name)}`).join(', ')} from ${target(from)} c
        join ${existing} e on ${equal('c', columns, 'e', toColumns)} where e."holdfast fate" is not null)`;
      checks.push({ reference, rows });
    }
  }
  if (checks.length === 0) return;
  const results = [await client.query(checks.map(danglingQuery).join(';\n'))].flat();
  for (const [i, { reference }] of checks.entries()) {
    const dangling = Number((results[i]?.rows[0] as { dangling?: string } | undefined)?.dangling);
    if (dangling !== 0) throw changed(reference, dangling);
  }
}

interface Check {
  readonly reference: LiveReference;
  /** Rows with the reference's columns, as SQL. */
  readonly rows: string;
}

function danglingQuery({ reference: { columns, to, toColumns }, rows }: Check): string {
  const isSet = columns.map((column) => `r.${identifier(column)} is not null`).join(' and ');
  return `select count(*) as dangling from ${rows} r where ${isSet}
    and not exists (select from ${target(to)} l where ${equal('l', toColumns, 'r', columns)})`;
}

function changed({ name, from, to }: LiveReference, rows: number): HoldfastError {
  const what = `${rows} rows of ${nameOf(from)} would refer to nothing (${name})`;
  return new HoldfastError('item.changed', `${what}: others changed ${nameOf(to)} meanwhile`, {
    resource: nameOf(from),
  });
}

/** Foreign keys of the tables that rows are written to. */
function writtenReferences(
  tables: readonly WorkTable[],
  differences: readonly TableDifference[],
): { readonly staged: string; readonly reference: LiveReference }[] {
  return tables.flatMap(({ id, staged, live, written }) => {
    const todo = differences.find(({ table }) => table === id);
    if (!todo || todo.create + todo.update === 0) return [];
    return live.references
      .filter(({ columns }) => columns.every((name) => written.includes(name)))
      .map((reference) => ({ staged, reference }));
  });
}

function list(columns: readonly string[]): string {
  return columns.map(identifier).join(', ');
}
