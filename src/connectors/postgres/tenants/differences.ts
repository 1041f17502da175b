import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { keyText, rowText, type WorkTable } from './work-table.ts';

/** What a comparison found in one table, in rows. */
export interface TableDifference {
  readonly table: string;
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  /** Should have been written or deleted, and cannot be. */
  readonly failed: number;
  /** Left out since what they refer to is no more, as the mapping asks for. */
  readonly leftOut: number;
}

export interface Differences {
  /** Tables with something to do or to say. */
  readonly tables: readonly TableDifference[];
  /** Changes whenever what would be done changes. */
  readonly digest: string;
}

/** Counts what the last comparison marked. */
export async function differencesOf(client: Client, tables: readonly WorkTable[]): Promise<Differences> {
  const found: TableDifference[] = [];
  const digest = createHash('sha256');
  for (const work of tables) {
    const { staged, existing, written, id } = work;
    const columns = work.live.columns.map(({ name }) => name);
    const hash = (alias: string, mark: string, names: readonly string[]): string =>
      `coalesce((select sum(pg_catalog.hashtextextended(${alias}."${mark}" || ${rowText(alias, names)}, 0)::numeric)
       from ${alias === 's' ? staged : existing} ${alias} where ${alias}."${mark}" is not null), 0)::text`;
    const { rows } = await client.query<Record<'c' | 'u' | 'f' | 'l' | 'd' | 'g', number> & { h: string; i: string }>(
      `select count(*) filter (where s."holdfast act" = 'create')::int as c, count(*) filter (where s."holdfast act" = 'update')::int as u,
       count(*) filter (where s."holdfast why" is not null and s."holdfast left out" is null)::int as f,
       count(*) filter (where s."holdfast left out")::int as l,
       (select count(*) from ${existing} e where e."holdfast fate" = 'delete')::int as d,
       (select count(*) from ${existing} e where e."holdfast why" is not null)::int as g,
       ${hash('s', 'holdfast act', written)} as h, ${hash('e', 'holdfast fate', columns)} as i from ${staged} s`,
    );
    const [row] = rows;
    if (!row || row.c + row.u + row.d + row.f + row.g + row.l === 0) continue;
    const { c, u, d, f, g, l } = row;
    found.push({ table: id, create: c, update: u, delete: d, failed: f + g, leftOut: l });
    digest.update(`${id} ${c} ${u} ${d} ${row.h} ${row.i}\n`);
  }
  return { tables: found, digest: digest.digest('hex') };
}

/** Rows of a table for which something cannot be done: a few of them by name. */
export interface FailedRow {
  readonly key: string;
  readonly why: string;
}

export async function failedRows(client: Client, work: WorkTable, limit: number): Promise<FailedRow[]> {
  const { rows } = await client.query<FailedRow>(
    `(select ${keyText('s', work)} as key, s."holdfast why" as why from ${work.staged} s
      where s."holdfast why" is not null and s."holdfast left out" is null
      union all select ${keyText('e', work)}, e."holdfast why" from ${work.existing} e where e."holdfast why" is not null)
     order by 1 limit ${limit}`,
  );
  return rows;
}

export function total(tables: readonly TableDifference[], what: Exclude<keyof TableDifference, 'table'>): number {
  return tables.reduce((sum, table) => sum + table[what], 0);
}
