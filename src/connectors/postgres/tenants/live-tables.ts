import type { Client } from 'pg';
import { HoldfastError } from '../../../kernel/errors.ts';
import { literal } from '../sql.ts';

/** A table of the live database, as far as rows are written to it. */
export interface LiveTable {
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
  readonly columns: readonly LiveColumn[];
  /** Unique indexes over columns alone: what makes one row of a value impossible beside another. */
  readonly uniques: readonly LiveUnique[];
  readonly references: readonly LiveReference[];
  /** Foreign keys of any table that lead here. */
  readonly referencedBy: readonly LiveReference[];
  /** Triggers of its own that are switched on. */
  readonly triggers: number;
}

export interface LiveColumn {
  readonly name: string;
  /** As SQL, with modifiers. */
  readonly type: string;
  readonly notNull: boolean;
  readonly generated: boolean;
  readonly identity: '' | 'a' | 'd';
  /** `schema.sequence`, quoted, of the sequence that the column owns. */
  readonly sequence: string | null;
}

export interface LiveUnique {
  readonly name: string;
  readonly columns: readonly string[];
  /** NULLs are values as well (NULLS NOT DISTINCT). */
  readonly nulls: boolean;
  /** Not deferrable: the index itself refuses a second row. */
  readonly immediate: boolean;
}

export interface LiveReference {
  readonly name: string;
  readonly from: TableName;
  readonly columns: readonly string[];
  readonly to: TableName;
  readonly toColumns: readonly string[];
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
}

/** Reads the definitions of some tables, in their order. Throws item.not-found where one is not there. */
export async function readLiveTables(
  client: Client,
  wanted: readonly { readonly schema: string; readonly name: string }[],
): Promise<LiveTable[]> {
  if (wanted.length === 0) return [];
  const list = wanted.map(({ schema, name }) => `(${literal(schema)}, ${literal(name)})`).join(', ');
  const { rows } = await client.query<{ table: LiveTable }>(tableQuery(`(n.nspname, c.relname) in (${list})`));
  return wanted.map(({ schema, name }) => {
    const found = rows.find(({ table }) => table.schema === schema && table.name === name);
    if (found) return found.table;
    throw new HoldfastError('item.not-found', `table ${schema}.${name} is not in the live database`, {
      resource: `${schema}.${name}`,
      hint: 'Restore the database or the table first: a tenant returns into tables that are there.',
    });
  });
}

const names = (relation: string, numbers: string): string =>
  `(select json_agg(a.attname order by k.place) from unnest(${numbers}) with ordinality k(attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = ${relation} and a.attnum = k.attnum)`;

/** A partition's name is that of the table it belongs to: rows are written and looked for there. */
const tableName = (relation: string): string =>
  `(select json_build_object('schema', tn.nspname, 'name', t.relname, 'partitioned', t.relkind = 'p')
    from pg_catalog.pg_class t join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
    where t.oid = coalesce(pg_catalog.pg_partition_root(${relation}), ${relation}))`;

const references = (condition: string): string =>
  `coalesce((select json_agg(json_build_object('name', f.conname, 'from', ${tableName('f.conrelid')}, 'to', ${tableName('f.confrelid')},
    'columns', ${names('f.conrelid', 'f.conkey')}, 'toColumns', ${names('f.confrelid', 'f.confkey')}) order by f.conname collate "C", f.oid)
    from pg_catalog.pg_constraint f where f.contype = 'f' and f.conparentid = 0 and ${condition}), '[]')`;

const family = (relation: string): string =>
  `(${relation} = c.oid or ${relation} in (select relid from pg_catalog.pg_partition_tree(c.oid)))`;

const tableQuery = (condition: string): string => `
select json_build_object('schema', n.nspname, 'name', c.relname, 'partitioned', c.relkind = 'p',
  'columns', coalesce((select json_agg(json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
    'notNull', a.attnotnull, 'generated', a.attgenerated <> '', 'identity', a.attidentity,
    'sequence', pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname)) order by a.attnum)
    from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
  'uniques', coalesce((select json_agg(json_build_object('name', x.relname, 'columns', (select json_agg(a.attname order by k.place)
      from unnest(i.indkey::int2[]) with ordinality k(attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.place <= i.indnkeyatts),
    'immediate', i.indimmediate, 'nulls', coalesce((to_jsonb(i)->>'indnullsnotdistinct')::bool, false)) order by not i.indisprimary, x.relname collate "C")
    from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid
    where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null), '[]'),
  'references', ${references(family('f.conrelid'))},
  'referencedBy', ${references(family('f.confrelid'))},
  'triggers', (select count(*) from pg_catalog.pg_trigger g where not g.tgisinternal and g.tgenabled in ('O', 'A') and ${family('g.tgrelid')})
) as table
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and ${condition}`;
