import type { CaptureSink } from '../../kernel/capture.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { identifier, literal } from './sql.ts';
import type { DatabaseSnapshot } from './snapshot.ts';

export const sequencesFile = 'sequences.json';

export interface SequenceValue {
  readonly schema: string;
  readonly name: string;
  readonly last: string;
  /** Whether `last` was given out already. */
  readonly called: boolean;
  /** It counts down. */
  readonly descending: boolean;
}

const askedAtOnce = 200;

/** Values of all sequences. They are outside of transactions, and read after the rows: never behind them. */
export async function captureSequences(snapshot: DatabaseSnapshot, sink: CaptureSink): Promise<void> {
  const { values, hidden } = await readSequences(snapshot.query);
  await sink.root.add({ key: sequencesFile, kind: 'document', document: values as unknown as Json });
  if (hidden.length === 0) return;
  const [first = ''] = hidden;
  const others = hidden.length === 1 ? '' : ` and of ${hidden.length - 1} more sequences`;
  const error = new HoldfastError('item.denied', `the role may not read the value of ${first}${others}`, {
    resource: first,
    hint: 'Grant the role SELECT on all sequences (or pg_read_all_data): restored without its value, one begins anew, and gives out keys that are taken.',
  });
  sink.fail(error, { collection: '', key: sequencesFile });
}

/** Of sequences that people made, in the order of their names; `hidden`: those that the role may not read. */
export async function readSequences(
  query: DatabaseSnapshot['query'],
): Promise<{ readonly values: SequenceValue[]; readonly hidden: readonly string[] }> {
  const found = await query<
    Pick<SequenceValue, 'schema' | 'name' | 'descending'> & { readonly readable: boolean }
  >(`select n.nspname as schema, c.relname as name,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_table_privilege(c.oid, 'SELECT') as readable,
    s.seqincrement < 0 as descending from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_sequence s on s.seqrelid = c.oid
    where c.relkind = 'S' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and pg_catalog.has_table_privilege(c.oid, 'SELECT') is not null
    and not exists (select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by n.nspname collate "C", c.relname collate "C"`);
  const names = found.filter(({ readable }) => readable);
  const hidden = found.flatMap(({ readable, schema, name }) => (readable ? [] : [`${schema}.${name}`]));
  const values: SequenceValue[] = [];
  for (let at = 0; at < names.length; at += askedAtOnce) {
    const parts = names.slice(at, at + askedAtOnce).map(
      (
        { schema, name, descending },
        i,
      ) => `select ${at + i} as place, ${literal(schema)} as schema, ${literal(name)} as name,
       last_value::text as last, is_called as called, ${descending} as descending from ${identifier(schema)}.${identifier(name)}`,
    );
    const rows = await query<SequenceValue & { place: number }>(`${parts.join(' union all ')} order by place`);
    values.push(
      ...rows.map(({ schema, name, last, called, descending }) => ({ schema, name, last, called, descending })),
    );
  }
  return { values, hidden };
}
