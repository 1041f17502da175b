import { sql } from '../../src/connectors/postgres/database-for-test.ts';

/** Of every table that holds rows: its name, how many, and a hash of their text, whatever their order. */
export async function tableSums(url: string): Promise<readonly (readonly [string, string])[]> {
  const tables = await sql<{ name: string }>(
    url,
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm') and c.relispopulated and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1`,
  );
  const sums: (readonly [string, string])[] = [];
  for (const { name } of tables) {
    const [row] = await sql<{ sum: string }>(
      url,
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text collate "C")), '') as sum from only ${name} t`,
    );
    sums.push([name, row?.sum ?? '']);
  }
  return sums;
}
