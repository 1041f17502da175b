import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { RestoreMode } from '../contract.ts';
import { boundsOf } from './compare-page.ts';
import { condition } from './read-page.ts';
import { identifier, operator, qualified } from './sql.ts';
import type { CapturedColumn, TableDocument } from './table-document.ts';
import { change, inTransaction } from './transaction.ts';

/** Pages of a COPY that are fetched ahead, and up to which size they are held. */
const readAhead = 6;
const smallPage = 1024 * 1024;

/** The captured columns as COPY names them. */
export function columnList(table: TableDocument): string {
  return table.columns.length === 0 ? '' : ` (${table.columns.map(({ name }) => identifier(name)).join(', ')})`;
}

/**
 * COPY of whole pages into a table; returns the rows that the server took. Throws what it refused, and then took none.
 * `options`: of the command (PostgreSQL documentation, "COPY").
 */
export async function copyIn(
  client: Client,
  captured: CapturedResource,
  into: string,
  table: TableDocument,
  pages: AsyncIterable<CapturedEntry> | Iterable<CapturedEntry>,
  options = '',
): Promise<number> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const ahead = mapOrdered(pages, readAhead, async (page) =>
      page.size <= smallPage ? await captured.bytes(page) : captured.read(page),
    );
    for await (const page of ahead) yield* page instanceof Uint8Array ? [page] : page;
  }
  const stream = client.query(copyFrom(`copy ${into}${columnList(table)} from stdin${options}`));
  await pipeline(Readable.from(bytes(), { objectMode: true, highWaterMark: 4 }), stream);
  return stream.rowCount;
}

/**
 * Makes a page of a table that has rows what was captured, row by row and by key, in one transaction: what the mode leaves
 * alone stays. Reads back before it commits. Throws what the server refused; then nothing changed. `anew`: rows that differ are
 * deleted and inserted instead of updated, so that two of them may give each other their unique values.
 */
export async function repairPage(
  client: Client,
  captured: CapturedResource,
  table: TableDocument,
  page: CapturedEntry,
  { mode, anew }: { readonly mode: RestoreMode; readonly anew: boolean },
): Promise<number> {
  return await inTransaction(client, change, async () => {
    await loadPageTable(client, captured, table, page);
    const columns = columnNames(table);
    return table.key.length > 0
      ? await repairByKey(client, table, page, { mode, anew })
      : await repairByText(client, table, columns, mode);
  });
}

function columnNames(table: TableDocument): string {
  return table.columns.map(({ name }) => identifier(name)).join(', ');
}

/** The rows of a page as `pg_temp.holdfast_page`, with the columns of the live table, until the transaction ends. */
export async function loadPageTable(
  client: Client,
  captured: CapturedResource,
  table: TableDocument,
  page: CapturedEntry,
): Promise<void> {
  await client.query(
    `create temporary table holdfast_page on commit drop as select ${columnNames(table)} from only ${qualified(table)} limit 0`,
  );
  await copyIn(client, captured, 'pg_temp.holdfast_page', table, [page]);
}

async function repairByKey(
  client: Client,
  table: TableDocument,
  page: CapturedEntry,
  { mode, anew }: { readonly mode: RestoreMode; readonly anew: boolean },
): Promise<number> {
  const name = qualified(table);
  const row = (alias: string): string =>
    `row(${table.columns.map((column) => `${alias}.${identifier(column.name)}`).join(', ')})::text`;
  const column = (key: string): CapturedColumn | undefined => table.columns.find(({ name: own }) => own === key);
  const sameKey = table.key
    .map((key) => `live.${identifier(key)} ${operator('=', column(key))} page.${identifier(key)}`)
    .join(' and ');
  await client.query('analyze pg_temp.holdfast_page');
  let changed = 0;
  if (mode === 'exact') {
    const within = condition(table, boundsOf(page)).replace(/^ where/, ' and') || '';
    const { rowCount } = await client.query(
      `delete from only ${name} as live where not exists (select from pg_temp.holdfast_page as page where ${sameKey})${within}`,
    );
    changed += rowCount ?? 0;
  }
  // Equal keys of some types are written in several ways: 1.0 and 1.00, names in a collation without case.
  const kept = table.ordered ? table.key : [];
  const always = mode === 'create-missing' ? [] : await fixedColumns(client, table);
  const fixed = always.filter((own) => !kept.includes(own));
  const others = table.columns
    .filter(({ name: own }) => !kept.includes(own) && !fixed.includes(own))
    .map(({ name: own }) => identifier(own));
  if (mode !== 'create-missing' && (fixed.length > 0 || anew)) {
    const differs = anew
      ? `${row('live')} is distinct from ${row('page')}`
      : `row(${fixed.map((column) => `live.${identifier(column)}`).join(', ')}) is distinct from row(${fixed.map((column) => `page.${identifier(column)}`).join(', ')})`;
    // Only where no foreign key acts upon it. What is inserted again is counted then.
    await client.query(
      `delete from only ${name} as live using pg_temp.holdfast_page as page where ${sameKey} and ${differs}
       and pg_catalog.current_setting('session_replication_role') = 'replica'`,
    );
  }
  if (mode !== 'create-missing' && others.length > 0) {
    const { rowCount } = await client.query(
      `update only ${name} as live set ${others.map((column) => `${column} = page.${column}`).join(', ')}
       from pg_temp.holdfast_page as page where ${sameKey} and ${row('live')} is distinct from ${row('page')}`,
    );
    changed += rowCount ?? 0;
  }
  const columns = table.columns.map((column) => identifier(column.name));
  const { rowCount } = await client.query(
    `insert into ${name} (${columns.join(', ')}) overriding system value select ${columns.map((column) => `page.${column}`).join(', ')}
     from pg_temp.holdfast_page as page where not exists (select from only ${name} as live where ${sameKey})`,
  );
  changed += rowCount ?? 0;
  const equal = mode === 'create-missing' ? '' : ` and ${row('live')} is not distinct from ${row('page')}`;
  await expectNone(
    client,
    table,
    `select count(*)::int as rows from pg_temp.holdfast_page as page
     where not exists (select from only ${name} as live where ${sameKey}${equal})`,
  );
  return changed;
}

/** Captured columns that the server lets nobody update: GENERATED ALWAYS AS IDENTITY. */
async function fixedColumns(client: Client, { schema, name, columns }: TableDocument): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select a.attname as name from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and a.attidentity = 'a' and not a.attisdropped`,
    [schema, name],
  );
  return rows.map((row) => row.name).filter((column) => columns.some((one) => one.name === column));
}

/** Without a key rows are told apart by their text, and equal ones are counted. */
async function repairByText(client: Client, table: TableDocument, columns: string, mode: RestoreMode): Promise<number> {
  const liveRow = `row(${table.columns.map(({ name }) => `l.${identifier(name)}`).join(', ')})::text`;
  const numbered = (what: string, row: string, from: string): string =>
    `(select ${what}, ${row} as holdfast_line, row_number() over (partition by ${row}) as holdfast_nth from ${from})`;
  const live = numbered('l.ctid as holdfast_at', liveRow, `only ${qualified(table)} as l`);
  const page = numbered('p.*', 'row(p.*)::text', 'pg_temp.holdfast_page as p');
  const same = 'page.holdfast_line = live.holdfast_line and page.holdfast_nth = live.holdfast_nth';
  let changed = 0;
  if (mode === 'exact') {
    const { rowCount } =
      await client.query(`delete from only ${qualified(table)} where ctid in (select live.holdfast_at from ${live} as live
      where not exists (select from ${page} as page where ${same}))`);
    changed += rowCount ?? 0;
  }
  const { rowCount } = await client.query(`insert into ${qualified(table)} (${columns}) overriding system value
    select ${columns} from ${page} as page
    where not exists (select from ${live} as live where ${same})`);
  await expectNone(
    client,
    table,
    `select count(*)::int as rows from ${page} as page
     where not exists (select from ${live} as live where ${same})`,
  );
  return changed + (rowCount ?? 0);
}

/** Throws item.damaged where rows were refused in silence: by a rule, or a trigger that says nothing. */
async function expectNone(client: Client, { schema, name }: TableDocument, sql: string): Promise<void> {
  const { rows } = await client.query<{ rows: number }>(sql);
  const missing = rows[0]?.rows ?? 0;
  if (missing === 0) return;
  throw new HoldfastError(
    'item.damaged',
    `${missing} rows of a page of ${schema}.${name} are not as they were written`,
    {
      resource: `${schema}.${name}`,
      hint: 'Look for rules and triggers of the table that change or drop rows.',
    },
  );
}
