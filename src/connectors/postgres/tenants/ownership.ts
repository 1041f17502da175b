import { HoldfastError } from '../../../kernel/errors.ts';
import type { TenantShare } from '../../tenants.ts';
import type { CapturedReference } from '../catalog.ts';
import { idOf, type TenantTable } from './captured-tables.ts';
import { mappingOf, type TableRule } from './mapping.ts';

/** A table that holds rows of tenants, and how a row says whose it is. */
export interface OwnedTable {
  readonly table: TenantTable;
  readonly owner: Owner;
}

export type Owner =
  | { readonly kind: 'column'; readonly column: string }
  /** A row is whose row it refers to. */
  | { readonly kind: 'through'; readonly reference: CapturedReference; readonly parent: string };

/**
 * Tables with the key column hold tenants' rows directly; others through foreign keys that lead to them, by the shortest
 * path. Of several equally short ones those that every row has come first, then the first by name. Tables that are only
 * referred to belong to nobody. Parents come before those that are reached through them. Throws config.invalid.
 */
export function ownedTables(tables: readonly TenantTable[], share: TenantShare): OwnedTable[] {
  const rules = rulesOf(tables, share);
  const owned = new Map<string, OwnedTable>();
  for (const table of tables) {
    const rule = rules.get(table.id);
    const column = typeof rule === 'string' ? rule : rule === undefined ? share.key : undefined;
    if (column === undefined) continue;
    if (hasColumn(table, column)) owned.set(table.id, { table, owner: { kind: 'column', column } });
    else if (typeof rule === 'string') throw invalid(`table ${table.id} has no column ${column}`, table);
  }
  for (;;) {
    const next = tables.flatMap((table): OwnedTable[] => {
      if (owned.has(table.id)) return [];
      const rule = rules.get(table.id);
      if (rule === null) return [];
      const wanted = typeof rule === 'object' ? rule.through : undefined;
      const reference = choose(table, owned, wanted);
      return reference === undefined
        ? []
        : [{ table, owner: { kind: 'through', reference, parent: idOf(reference.to) } }];
    });
    if (next.length === 0) break;
    for (const one of next) owned.set(one.table.id, one);
  }
  for (const [id, rule] of rules) {
    if (typeof rule !== 'object' || rule === null || owned.has(id)) continue;
    throw invalid(`table ${id} has no foreign key ${rule.through} to a table of tenants`);
  }
  return [...owned.values()];
}

function choose(
  table: TenantTable,
  owned: ReadonlyMap<string, OwnedTable>,
  wanted: string | undefined,
): CapturedReference | undefined {
  return table.document.references
    .filter((reference) => idOf(reference.to) !== table.id && owned.has(idOf(reference.to)))
    .filter(({ name }) => wanted === undefined || name === wanted)
    .sort((a, b) => Number(a.nullable) - Number(b.nullable) || (a.name < b.name ? -1 : 1))[0];
}

function rulesOf(tables: readonly TenantTable[], share: TenantShare): Map<string, TableRule> {
  const rules = new Map<string, TableRule>();
  for (const [name, rule] of Object.entries(mappingOf(share).tables)) {
    const exact = tables.filter(({ id }) => id === name);
    const found = exact.length > 0 ? exact : tables.filter(({ document }) => document.name === name);
    const [table] = found;
    if (table === undefined) throw invalid(`the snapshot has no table ${name}, or not its rows`);
    if (found.length > 1) throw invalid(`several tables are named ${name}: ${found.map(({ id }) => id).join(', ')}`);
    rules.set(table.id, rule);
  }
  return rules;
}

function hasColumn({ document }: TenantTable, column: string): boolean {
  return document.columns.some(({ name }) => name === column);
}

function invalid(what: string, table?: TenantTable): HoldfastError {
  return new HoldfastError('config.invalid', `tenants: ${what}`, {
    hint: 'Correct tenants.sources in holdfast.yaml; or name a snapshot that holds the table, where this one is partial.',
    ...(table === undefined ? {} : { resource: table.id }),
  });
}
