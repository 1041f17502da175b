import type { DatabaseSnapshot } from './snapshot.ts';

/** A table as the catalog describes it at the snapshot's moment. */
export interface CatalogTable {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind: r table, p partitioned, f foreign, m materialised view. */
  readonly kind: 'r' | 'p' | 'f' | 'm';
  /** Unlogged, and the server is a standby: its rows are only at the primary. */
  readonly away: boolean;
  /** Its rows lie in PostgreSQL's own heap, which says of each who wrote it; another access method may say anything. */
  readonly heap: boolean;
  /** Of a materialized view: it was made WITH NO DATA, and nobody has refreshed it since. */
  readonly unfilled: boolean;
  /** Of a partition, and of a table that inherits: names of those above it. */
  readonly parents: readonly string[];
  /** Changes whenever rows may read differently without having been written: columns, their types, added defaults. */
  readonly shape: string;
  /** Whether the session's role may read it. */
  readonly readable: boolean;
  /** Policies hide rows of it from the role. */
  readonly policed: boolean;
  /** Changes with its constraints and indexes. */
  readonly definitions: string;
  /** It was emptied or written anew after the snapshot's moment, which therefore sees no rows. */
  readonly replaced: boolean;
  readonly columns: readonly CatalogColumn[];
  /** Columns of the primary key, or else of a unique index without NULLs; empty where there is none. */
  readonly key: readonly string[];
  readonly references: readonly CapturedReference[];
  readonly bytes: number;
  /** As of the last ANALYZE; -1: never. */
  readonly estimatedRows: number;
}

export interface CatalogColumn {
  readonly name: string;
  /** `character varying(20)` */
  readonly type: string;
  /** Without modifiers, domains resolved: `pg_catalog.int4`; a schema with a dot or a quote in its name is quoted. */
  readonly base: string;
  /** Schema of the operators by which its values sort, where an extension brought them: no search path leads there. */
  readonly operators?: string;
  readonly notNull: boolean;
  /** Computed from others: not captured. */
  readonly generated: boolean;
  /** `a` always, `d` by default, '' none. */
  readonly identity: string;
  /** Bytes of its values sort as the server sorts them. */
  readonly bytewise: boolean;
  /** Sorts by its type's own collation: rows of several such columns compare as the index does. */
  readonly plainCollation: boolean;
  /** The text of a value may change without the row being written: names of tables in `regclass`, rows of composite types. */
  readonly fickle: boolean;
}

/** A foreign key. */
export interface CapturedReference {
  readonly name: string;
  readonly columns: readonly string[];
  /** Whether a row may have none: one of the columns takes NULL. */
  readonly nullable: boolean;
  readonly to: { readonly schema: string; readonly name: string; readonly columns: readonly string[] };
}

/** Tables that a person made: not the system's, not those that extensions bring. */
export async function readTables(query: DatabaseSnapshot['query']): Promise<CatalogTable[]> {
  const rows = await query<{ table: CatalogTable }>(tablesQuery);
  return rows.map(({ table }) => table);
}

/** Only these compare byte by byte in the way that page keys are encoded (page-key.ts). */
const bytewiseTypes = "('int2','int4','int8','uuid','bool','bytea','date','timestamp','timestamptz')";

/** A column of which NOT NULL is declared NOT VALID (PostgreSQL 18) may have NULLs: its rows cannot be told apart by it. */
const neverNull = `(a.attnotnull and not exists (select from pg_catalog.pg_constraint v where v.conrelid = a.attrelid
  and v.contype = 'n' and not v.convalidated and a.attnum = any (v.conkey)))`;

const tablesQuery = `
with recursive leaf(type, oid) as (
  select t.oid, t.oid from pg_catalog.pg_type t
  union
  select l.type, coalesce(nullif(t.typbasetype, 0), nullif(t.typelem, 0), r.rngsubtype)
  from leaf l join pg_catalog.pg_type t on t.oid = l.oid left join pg_catalog.pg_range r on t.oid in (r.rngtypid, (to_jsonb(r)->>'rngmultitypid')::oid)
  where (t.typtype = 'd' or (t.typelem <> 0 and t.typlen = -1) or r.rngtypid is not null)
), fickle as (
  select distinct l.type from leaf l join pg_catalog.pg_type t on t.oid = l.oid
  where t.typtype in ('c', 'p') or (t.typname like 'reg%' and t.typnamespace = 'pg_catalog'::regnamespace) or t.typname = 'aclitem'
), labels as (
  select coalesce(md5(string_agg(enumtypid || ':' || enumlabel, ',' order by oid)), '') as text from pg_catalog.pg_enum
), extensions as (
  select md5(string_agg(extname || ':' || extversion, ',' order by extname)) as text from pg_catalog.pg_extension
)
select pg_catalog.json_build_object(
  'oid', c.oid::text, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'unfilled', not c.relispopulated,
  'away', c.relpersistence = 'u' and pg_catalog.pg_is_in_recovery(),
  'heap', coalesce((select am.amhandler = 'pg_catalog.heap_tableam_handler'::regproc from pg_catalog.pg_am am where am.oid = c.relam), false),
  'parents', coalesce((select json_agg(pn.nspname || '.' || p.relname order by i.inhseqno) from pg_catalog.pg_inherits i
    join pg_catalog.pg_class p on p.oid = i.inhparent join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
    where i.inhrelid = c.oid), '[]'),
  'shape', md5(labels.text || extensions.text || coalesce((select string_agg(concat_ws(':', a.attnum, a.attname, a.atttypid, a.atttypmod,
    a.attcollation, a.attgenerated, a.attisdropped, a.attmissingval::text), ',' order by a.attnum)
    from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0), '')),
  'readable', pg_catalog.has_table_privilege(c.oid, 'SELECT') and pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
  'policed', pg_catalog.row_security_active(c.oid),
  'definitions', md5(concat((select string_agg(k.oid || ':' || k.convalidated, ',' order by k.oid) from pg_catalog.pg_constraint k
    where k.conrelid = c.oid), '|', (select string_agg(x.indexrelid::text, ',' order by x.indexrelid) from pg_catalog.pg_index x
    where x.indrelid = c.oid))),
  'replaced', c.relkind = 'r' and c.relfilenode is distinct from pg_catalog.pg_relation_filenode(c.oid),
  'bytes', case when c.relkind = 'r' then coalesce(pg_catalog.pg_relation_size(c.oid), 0) else 0 end,
  'estimatedRows', c.reltuples,
  'columns', coalesce((select json_agg(json_strip_nulls(json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'base', case when bn.nspname ~ '[."]' then pg_catalog.quote_ident(bn.nspname) else bn.nspname end || '.' || b.typname,
      'operators', (select os.nspname from pg_catalog.pg_opclass oc join pg_catalog.pg_am om on om.oid = oc.opcmethod and om.amname = 'btree'
        join pg_catalog.pg_amop ap on ap.amopfamily = oc.opcfamily and ap.amoplefttype = b.oid and ap.amoprighttype = b.oid and ap.amopstrategy = 4
        join pg_catalog.pg_operator op on op.oid = ap.amopopr join pg_catalog.pg_namespace os on os.oid = op.oprnamespace
        where oc.opcintype = b.oid and oc.opcdefault and os.nspname <> 'pg_catalog'),
      'notNull', ${neverNull}, 'generated', a.attgenerated <> '', 'identity', a.attidentity,
      'bytewise', (bn.nspname = 'pg_catalog' and b.typname in ${bytewiseTypes})
        or (b.typcategory = 'S' and b.typname in ('text','varchar') and (co.collcollate in ('C','POSIX')
          or (co.collprovider = 'd' and (select datcollate from pg_catalog.pg_database where datname = current_database()) in ('C','POSIX')
            and (select to_jsonb(d)->>'datlocprovider' is distinct from 'i' from pg_catalog.pg_database d where datname = current_database())))),
      'plainCollation', a.attcollation = b.typcollation,
      'fickle', exists (select from fickle f where f.type = a.atttypid))) order by a.attnum)
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type b on b.oid = (with recursive base as (
      select t.oid, t.typbasetype from pg_catalog.pg_type t where t.oid = a.atttypid
      union all select t.oid, t.typbasetype from base join pg_catalog.pg_type t on t.oid = base.typbasetype)
      select base.oid from base where base.typbasetype = 0)
    join pg_catalog.pg_namespace bn on bn.oid = b.typnamespace
    left join pg_catalog.pg_collation co on co.oid = a.attcollation
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
  'key', coalesce((select json_agg(a.attname order by k.place)
    from pg_catalog.pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    where i.indexrelid = best.indexrelid and k.place <= i.indnkeyatts), '[]'),
  'references', coalesce((select json_agg(json_build_object('name', f.conname,
      'columns', (select json_agg(a.attname order by k.place) from unnest(f.conkey) with ordinality k(attnum, place)
        join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
      'nullable', (select bool_or(not ${neverNull}) from pg_catalog.pg_attribute a where a.attrelid = f.conrelid and a.attnum = any (f.conkey)),
      'to', (select json_build_object('schema', tn.nspname, 'name', t.relname, 'columns',
          (select json_agg(a.attname order by k.place) from unnest(f.confkey) with ordinality k(attnum, place)
            join pg_catalog.pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum))
        from pg_catalog.pg_class t join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace where t.oid = f.confrelid))
      order by f.conname collate "C")
    from pg_catalog.pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.conparentid = 0), '[]')
) as table
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join labels cross join extensions
left join lateral (
  select i.indexrelid from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid
    and i.indpred is null and i.indexprs is null and (select am.amname from pg_catalog.pg_class x
      join pg_catalog.pg_am am on am.oid = x.relam where x.oid = i.indexrelid) = 'btree'
    and not exists (select from unnest(i.indkey::int2[]) with ordinality k(attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
      where k.place <= i.indnkeyatts and (not ${neverNull} or a.attgenerated <> ''))
  order by i.indisprimary desc, i.indnkeyatts, i.indexrelid limit 1
) best on true
where c.relkind in ('r', 'p', 'f', 'm') and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname collate "C", c.relname collate "C"`;
