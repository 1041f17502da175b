import { HoldfastError } from '../../../../kernel/errors.ts';
import type { TenantShare } from '../../../tenants.ts';
import type { CatalogTable } from '../../catalog.ts';
import { schemaCollection, tablePrefix } from '../../names.ts';
import { tableDocument, type TableDocument } from '../../table-document.ts';
import { idOf, tenantTables } from '../captured-tables.ts';
import { ownedTables, type OwnedTable } from '../ownership.ts';
import { leadKey } from '../page-range.ts';
import type { SummarisedColumns } from './page-values.ts';

/** Says of a table which columns of its pages are to be summarised: those that say whose its rows are. */
export type Summaries = (document: TableDocument) => SummarisedColumns | undefined;

const none: Summaries = () => undefined;

/**
 * `captured`: whose rows the capture reads. A mapping that does not fit the tables costs the summaries, and never the
 * capture: whoever asks for a tenant is told what is wrong with it.
 */
export function summariesFor(
  tables: readonly CatalogTable[],
  captured: (table: CatalogTable) => boolean,
  share: TenantShare | undefined,
): Summaries {
  if (share === undefined) return none;
  const parts = tables.map((table) => ({
    document: tableDocument(table, table.kind === 'r' && captured(table) ? { kind: 'whole' } : undefined),
    collection: schemaCollection(table.schema),
    prefix: tablePrefix(table.name),
  }));
  let owned: readonly OwnedTable[];
  try {
    owned = ownedTables(tenantTables(parts), share);
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'config.invalid') return none;
    throw error;
  }
  const owners = new Map(owned.flatMap(({ table, owner }) => table.parts.map((part) => [idOf(part.document), owner])));
  return (document) => {
    const owner = owners.get(idOf(document));
    if (owner === undefined || document.pages === undefined) return undefined;
    const names = owner.kind === 'column' ? [owner.column] : owner.reference.columns;
    // The bounds of its pages say it already.
    if (leadKey(document, names)) return undefined;
    const at = names.map((name) => document.columns.findIndex((column) => column.name === name));
    const integers = at.length === 1 && /^pg_catalog\.int[248]$/.test(document.columns[at[0] ?? -1]?.base ?? '');
    return at.includes(-1) ? undefined : { names, at, integers, many: owner.kind === 'through' };
  };
}
