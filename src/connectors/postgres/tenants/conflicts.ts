import type { Client } from 'pg';
import { identifier, literal } from '../sql.ts';
import type { LiveReference } from './live-tables.ts';
import type { TenantMapping } from './mapping.ts';
import { differ, equal, isCopy, nameOf, target, workOf, type WorkTable } from './work-table.ts';

/**
 * Takes back what would break a constraint or reach a row that is not the tenant's, with the reason, until nothing more is
 * taken back: what one row leaves undone, others may have needed.
 */
export async function settleConflicts(
  client: Client,
  tables: readonly WorkTable[],
  { missingParent }: TenantMapping,
): Promise<void> {
  const busy = await withWork(client, tables);
  let changed: number;
  do {
    changed = 0;
    for (const work of busy) {
      const checks = [...takenValues(work), ...missingParents(tables, work, missingParent), ...survivors(tables, work)];
      if (checks.length === 0) continue;
      const results = [await client.query([...checks, ...pair(work)].join(';\n'))].flat();
      for (const { rowCount } of results.slice(0, checks.length)) changed += rowCount ?? 0;
    }
  } while (changed > 0);
  for (const work of busy) {
    const checks = withoutChanges(work);
    if (checks.length > 0) await client.query(checks.join(';\n'));
  }
}

async function withWork(client: Client, tables: readonly WorkTable[]): Promise<WorkTable[]> {
  const marks = tables.map(
    (
      { staged, existing },
      i,
    ) => `select ${i} as number where exists (select from ${staged} where "holdfast act" is not null)
      or exists (select from ${existing} where "holdfast fate" is not null)`,
  );
  if (marks.length === 0) return [];
  const { rows } = await client.query<{ number: number }>(marks.join(' union all '));
  return tables.filter((_, i) => rows.some(({ number }) => number === i));
}

/** A unique value that another row has and keeps. One that moves between rows which are both changed must be freed first. */
function takenValues(work: WorkTable): string[] {
  const { staged, existing, live, written, key } = work;
  return live.uniques
    .filter(({ columns }) => columns.every((name) => written.includes(name)) && columns.join() !== key.join())
    .map(({ name, columns, nulls }) => {
      const same = nulls
        ? columns.map((c) => `l.${identifier(c)} is not distinct from s.${identifier(c)}`).join(' and ')
        : equal('l', columns, 's');
      const itself = key.length > 0 ? `or (${equal('e', key, 's')})` : '';
      return `update ${staged} s set "holdfast act" = null, "holdfast why" = ${literal(`another row has its value of ${name}`)}
        where s."holdfast act" is not null and exists (select from ${work.target} l where ${same} and not exists (
          select from ${existing} e where ${isCopy(work, 'e', 'l')} and (e."holdfast fate" = 'delete' ${itself}
            or (e."holdfast fate" = 'update' and s."holdfast act" = 'create'))))`;
    });
}

/** Rows that refer to one which will not be there. */
function missingParents(
  tables: readonly WorkTable[],
  work: WorkTable,
  missingParent: TenantMapping['missingParent'],
): string[] {
  return work.live.references
    .filter(({ columns }) => columns.every((name) => work.written.includes(name)))
    .map((reference) => {
      const { columns } = reference;
      const nullable = columns.filter((name) => !work.live.columns.find((column) => column.name === name)?.notNull);
      const isSet = columns.map((name) => `s.${identifier(name)} is not null`).join(' and ');
      const where = `where s."holdfast act" is not null and ${isSet} and not (${staysOrComes(tables, reference, 's')})`;
      const why = `it refers to a row of ${nameOf(reference.to)} that is not there, or not the tenant's (${reference.name})`;
      if (missingParent === 'null' && nullable.length > 0)
        return `update ${work.staged} s set ${nullable.map((name) => `${identifier(name)} = null`).join(', ')} ${where}`;
      const left = missingParent === 'skip' ? ', "holdfast left out" = true' : '';
      return `update ${work.staged} s set "holdfast act" = null, "holdfast why" = ${literal(why)}${left} ${where}`;
    });
}

/**
 * Whether the row that `child` refers to will be there: it is, and stays as it is in these columns, or it is written. Where the
 * captured row was the tenant's, one that somebody else has now under the same key is none.
 */
function staysOrComes(tables: readonly WorkTable[], { to, columns, toColumns }: LiveReference, child: string): string {
  const there = `select from ${target(to)} l where ${equal('l', toColumns, child, columns)}`;
  const parent = workOf(tables, to);
  if (parent === undefined) return `exists (${there})`;
  const goes = `exists (select from ${parent.existing} g where ${isCopy(parent, 'g', 'l')} and ${loses(parent, 'g', toColumns)})`;
  const taken = toColumns.every((name) => parent.written.includes(name))
    ? ` and not exists (select from ${parent.staged} n where ${equal('n', toColumns, child, columns)} and n."holdfast act" is null
        and not exists (select from ${parent.existing} o where ${equal('o', toColumns, child, columns)}))`
    : '';
  return `exists (${there} and not ${goes})${taken} or ${comes(parent, toColumns, child, columns)}`;
}

/** Whether an existing row will not have these values any more: a key never changes, nor what the snapshot does not hold. */
function loses({ compared }: WorkTable, existing: string, columns: readonly string[]): string {
  const may = columns.some((name) => compared.includes(name));
  return `${existing}."holdfast fate" ${may ? 'is not null' : "= 'delete'"}`;
}

function comes(parent: WorkTable, toColumns: readonly string[], child: string, columns: readonly string[]): string {
  if (!toColumns.every((name) => parent.written.includes(name))) return 'false';
  return `exists (select from ${parent.staged} n where ${equal('n', toColumns, child, columns)} and n."holdfast act" is not null)`;
}

/** Rows that would go, or change a value that others refer to, while rows that stay refer to them: ON DELETE reaches nobody. */
function survivors(tables: readonly WorkTable[], work: WorkTable): string[] {
  return work.live.referencedBy.map(({ name, from, columns, toColumns }) => {
    const child = workOf(tables, from);
    const goes =
      child === undefined
        ? ''
        : ` and not exists (select from ${child.existing} g where ${isCopy(child, 'g', 'c')} and g."holdfast fate" is not null)`;
    const why = `rows of ${nameOf(from)} that stay refer to it (${name})`;
    return `update ${work.existing} e set "holdfast fate" = null, "holdfast why" = ${literal(why)}
      where ${loses(work, 'e', toColumns)} and not (${comes(work, toColumns, 'e', toColumns)})
      and exists (select from ${target(from)} c where ${equal('c', columns, 'e', toColumns)}${goes})`;
  });
}

/** An update that gave up a reference may have nothing left to change. */
function withoutChanges(work: WorkTable): string[] {
  const { staged, existing, key, compared } = work;
  if (key.length === 0) return [];
  return [
    `update ${staged} s set "holdfast act" = null from ${existing} e
     where ${equal('e', key, 's')} and s."holdfast act" = 'update' and not (${differ('s', 'e', compared)})`,
    ...pair(work),
  ];
}

/** What is left undone of an update is undone on both sides. */
function pair({ staged, existing, key }: WorkTable): string[] {
  if (key.length === 0) return [];
  const same = equal('e', key, 's');
  return [
    `update ${staged} s set "holdfast act" = null, "holdfast why" = coalesce(s."holdfast why", e."holdfast why")
     from ${existing} e where ${same} and s."holdfast act" = 'update' and e."holdfast fate" is null`,
    `update ${existing} e set "holdfast fate" = null, "holdfast why" = null
     from ${staged} s where ${same} and e."holdfast fate" = 'update' and s."holdfast act" is null`,
  ];
}
