import type { Client } from 'pg';
import { identifier, literal, qualified } from '../sql.ts';
import type { TableDifference } from './differences.ts';
import { rowText, type WorkTable } from './work-table.ts';

/** Rows of a statement's answer that are held at a time. */
const rowsHeld = 500;

/**
 * SQL that takes back what `write` is about to do, read within its transaction from the rows as they are: what would be created is
 * deleted, what would be changed is set to what it was, what would be deleted is inserted. Deletions come first, so that
 * no value that is unique stands in the way. Values are text as the server reads it, whatever the settings of the session.
 */
export async function* undoText(
  client: Client,
  tables: readonly WorkTable[],
  differences: readonly TableDifference[],
  place: string,
): AsyncGenerator<string> {
  const changed = tables.flatMap((work) => {
    const found = differences.find(({ table }) => table === work.id);
    return found ? [{ ...found, work }] : [];
  });
  yield header(place);
  for (const { work, create } of changed.toReversed()) if (create > 0) yield* lines(client, deletions(work));
  for (const { work, update } of changed) if (update > 0) yield* lines(client, updates(work));
  for (const { work, delete: gone } of changed) if (gone > 0) yield* lines(client, insertions(work));
  yield 'commit;\n';
}

function header(place: string): string {
  return `-- What takes a tenant's restore back, in one transaction. Database: ${place.replaceAll(/[\r\n]/g, ' ')}
-- Use it once, and only after a restore that was applied: psql --set ON_ERROR_STOP=1 --file THIS_FILE DATABASE_URL
begin;
set local client_encoding = 'UTF8';
set local standard_conforming_strings = on;
set local datestyle = 'ISO, YMD';
set local intervalstyle = 'postgres';
set local timezone = 'UTC';
set local lc_monetary = 'C';
set local xmloption = content;
set local array_nulls = on;
set constraints all deferred;
-- Triggers and foreign keys rest. Without the right to say so leave this line out: they act then.
set local session_replication_role = replica;
`;
}

async function* lines(client: Client, query: string): AsyncGenerator<string> {
  await client.query(`declare holdfast_undo no scroll cursor for ${query}`);
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`fetch ${rowsHeld} from holdfast_undo`);
    if (rows.length === 0) break;
    yield rows.map(({ line }) => `${line}\n`).join('');
  }
  await client.query('close holdfast_undo');
}

/** Of `alias`: `"a" = 'x' and "b" = 'y'`, as an expression of SQL that gives that text. */
function pairs(alias: string, columns: readonly string[], glue: string): string {
  return columns
    .map((name) => `pg_catalog.format('%I = %L', ${literal(name)}, ${alias}.${identifier(name)})`)
    .join(` || ${literal(glue)} || `);
}

function deletions({ target, staged, key, written }: WorkTable): string {
  const start = literal(`delete from ${target} l where `);
  // Rows that are equal in all that was written: which of them goes makes no difference.
  const row = `pg_catalog.format('%L', ${rowText('s', written)})`;
  const one = `(l.tableoid, l.ctid) = (select m.tableoid, m.ctid from ${target} m where ${rowText('m', written)} = `;
  const which = key.length > 0 ? pairs('s', key, ' and ') : `${literal(one)} || ${row} || ' limit 1)'`;
  return `select ${start} || ${which} || ';' as line from ${staged} s where s."holdfast act" = 'create'`;
}

function updates({ target, existing, key, compared }: WorkTable): string {
  const start = literal(`update ${target} set `);
  const set = pairs('e', compared, ', ');
  return `select ${start} || ${set} || ' where ' || ${pairs('e', key, ' and ')} || ';' as line
    from ${existing} e where e."holdfast fate" = 'update'`;
}

function insertions({ live, existing }: WorkTable): string {
  const columns = live.columns.filter(({ generated }) => !generated).map(({ name }) => name);
  const start = literal(
    `insert into ${qualified(live)} (${columns.map(identifier).join(', ')}) overriding system value values (`,
  );
  const values = columns.map((name) => `pg_catalog.format('%L', e.${identifier(name)})`).join(` || ', ' || `);
  return `select ${start} || ${values} || ');' as line from ${existing} e where e."holdfast fate" = 'delete'`;
}
