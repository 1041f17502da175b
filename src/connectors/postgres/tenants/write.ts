import type { Client } from 'pg';
import { identifier, literal } from '../sql.ts';
import type { TableDifference } from './differences.ts';
import { isCopy, equal, type WorkTable } from './work-table.ts';

/**
 * Does what the comparison marked, as one statement: foreign keys are looked at when it ends, whatever order the rows came in,
 * so that circles of tables and rows that refer to themselves need nothing special (PostgreSQL documentation, "WITH Queries",
 * "Data-Modifying Statements in WITH"). Of one table rows are deleted, changed and inserted in this order: each part
 * asks for the count of the one before. Returns the rows written and deleted.
 */
export async function write(
  client: Client,
  tables: readonly WorkTable[],
  differences: readonly TableDifference[],
): Promise<number> {
  const parts: { readonly name: string; readonly sql: string }[] = [];
  for (const [i, work] of tables.entries()) {
    const todo = differences.find(({ table }) => table === work.id);
    if (!todo) continue;
    const own: string[] = [];
    const add = (name: string, sql: (after: string) => string): void => {
      const after = own.map((before) => ` and (select count(*) from ${before}) >= 0`).join('');
      parts.push({ name, sql: sql(after) });
      own.push(name);
    };
    if (todo.delete > 0) add(`deleted_${i}`, () => deletion(work));
    if (todo.update > 0) add(`updated_${i}`, (after) => update(work) + after + returning);
    if (todo.create > 0) add(`created_${i}`, (after) => insertion(work) + after + returning);
  }
  if (parts.length === 0) return 0;
  const list = parts.map(({ name, sql }) => `${name} as (${sql})`).join(',\n');
  const sum = parts.map(({ name }) => `(select count(*) from ${name})`).join(' + ');
  const { rows } = await client.query<{ written: string }>(`with ${list}\nselect ${sum} as written`);
  const written = tables.filter(({ id }) => differences.some(({ table, create }) => table === id && create > 0));
  for (const work of written) await raiseSequences(client, work);
  return Number(rows[0]?.written ?? 0);
}

const returning = ' returning 1';

function deletion(work: WorkTable): string {
  return `delete from ${work.target} l using ${work.existing} e where e."holdfast fate" = 'delete' and ${isCopy(work, 'e', 'l')}${returning}`;
}

function update({ target, staged, key, compared }: WorkTable): string {
  const set = compared.map((name) => `${identifier(name)} = s.${identifier(name)}`).join(', ');
  return `update ${target} l set ${set} from ${staged} s where s."holdfast act" = 'update' and ${equal('l', key, 's')}`;
}

function insertion({ target, staged, written }: WorkTable): string {
  const list = written.map(identifier).join(', ');
  const into = target.replace(/^only /, '');
  return `insert into ${into} (${list}) overriding system value select ${list} from ${staged} s where s."holdfast act" = 'create'`;
}

/** Sequences go on behind the highest value that was written, and never back. */
async function raiseSequences(client: Client, { staged, live, written }: WorkTable): Promise<void> {
  for (const { name, sequence } of live.columns) {
    if (sequence === null || !written.includes(name)) continue;
    await client.query(
      `select pg_catalog.setval(${literal(sequence)}::regclass, highest) from ${sequence} as sequence,
       (select max(${identifier(name)})::bigint as highest from ${staged} where "holdfast act" = 'create') as created,
       pg_catalog.pg_sequence as settings
       where settings.seqrelid = ${literal(sequence)}::regclass and settings.seqincrement > 0 and highest > last_value`,
    );
  }
}
