import { HoldfastError } from '../../../kernel/errors.ts';
import { identifier, qualified } from '../sql.ts';
import type { LiveReference, LiveTable, TableName } from './live-tables.ts';
import type { OwnedTable } from './ownership.ts';

/**
 * One table of a restore. The server compares: the tenant's captured rows lie in one temporary table (`staged`), a copy of
 * its live rows in another (`existing`). Columns of ours in them have names with a space, which nobody's have:
 * `holdfast act` of a staged row: create, update, or NULL; `holdfast fate` of an existing one: update, delete, or NULL;
 * `holdfast why`: the reason for which what should be done is not.
 */
export interface WorkTable {
  readonly owned: OwnedTable;
  readonly live: LiveTable;
  readonly id: string;
  /** As SQL. */
  readonly target: string;
  readonly staged: string;
  readonly existing: string;
  /** Captured columns that are written; what the live database computes is not among them. */
  readonly written: readonly string[];
  /** Of those, the ones that are compared and set where a row differs. */
  readonly compared: readonly string[];
  /** Columns that tell rows apart; empty: whole rows do. */
  readonly key: readonly string[];
}

/** Throws item.conflict where captured rows do not fit into the live table. */
export function workTable(owned: OwnedTable, live: LiveTable, number: number): WorkTable {
  const { id, document } = owned.table;
  const columns = new Map(live.columns.map((column) => [column.name, column]));
  const missing = document.columns.filter(({ name }) => !columns.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw unfit(id, `the live table has no column ${missing.join(', ')}`);
  const { key } = document;
  const isUnique = live.uniques.some((unique) => sameColumns(unique.columns, key));
  if (key.length > 0 && !isUnique) throw unfit(id, `the live table has no unique key over ${key.join(', ')}`);
  const written = document.columns.map(({ name }) => name).filter((name) => !columns.get(name)?.generated);
  return {
    owned,
    live,
    id,
    target: target(live),
    staged: `pg_temp.staged_${number}`,
    existing: `pg_temp.existing_${number}`,
    written,
    compared: written.filter((name) => !key.includes(name) && columns.get(name)?.identity !== 'a'),
    key,
  };
}

function unfit(id: string, why: string): HoldfastError {
  return new HoldfastError('item.conflict', `${id}: ${why}`, {
    resource: id,
    hint: 'Restore the snapshot to a database of its own, and bring the rows over by hand.',
  });
}

function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

/** A table in FROM: without tables that inherit from it, with its partitions. */
export function target(table: TableName): string {
  return `${table.partitioned ? '' : 'only '}${qualified(table)}`;
}

/** `a."x" = b."y" and …` */
export function equal(a: string, columns: readonly string[], b: string, others: readonly string[] = columns): string {
  return columns.map((name, i) => `${a}.${identifier(name)} = ${b}.${identifier(others[i] ?? name)}`).join(' and ');
}

/** Whether the texts of some columns differ: types need no equality, and what looks equal is (1.0 is not 1.00). */
export function differ(a: string, b: string, columns: readonly string[]): string {
  const text = (alias: string, name: string): string => `${alias}.${identifier(name)}::text collate "C"`;
  return columns.length === 0
    ? 'false'
    : columns.map((name) => `${text(a, name)} is distinct from ${text(b, name)}`).join(' or ');
}

/** A row of some columns as one text. */
export function rowText(alias: string, columns: readonly string[]): string {
  return `(row(${columns.map((name) => `${alias}.${identifier(name)}`).join(', ')}))::text collate "C"`;
}

/** The key of a row as people read it. */
export function keyText(alias: string, { key }: WorkTable): string {
  return key.length === 0
    ? `'a row without a key'`
    : `pg_catalog.concat_ws(', ', ${key.map((name) => `${alias}.${identifier(name)}`).join(', ')})`;
}

/** Whether a row of the live table is the row that a line of `existing` copies. */
export function isCopy({ key }: WorkTable, copy: string, live: string): string {
  return key.length > 0
    ? equal(copy, key, live)
    : `${copy}."holdfast place" = ${live}.ctid and ${copy}."holdfast table" = ${live}.tableoid`;
}

export function nameOf({ schema, name }: TableName): string {
  return `${schema}.${name}`;
}

/** The table among those of the restore to which a foreign key leads, or from which it comes. */
export function workOf(tables: readonly WorkTable[], name: LiveReference['to']): WorkTable | undefined {
  return tables.find(({ id }) => id === nameOf(name));
}
