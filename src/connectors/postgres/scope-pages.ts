import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import { pagesFolder, schemaCollection, tablePrefix } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { scopeOf } from './scope.ts';
import type { TableDocument } from './table-document.ts';

/** Captured pages of a table within the scope of a restore. */
export async function* pagesInScope(
  context: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
  table: TableDocument,
): AsyncGenerator<CapturedEntry> {
  const scope = scopeOf(context);
  const prefix = utf8(tablePrefix(table.name) + pagesFolder);
  for await (const page of captured.entries(schemaCollection(table.schema), { prefix }))
    if (scope.hasPage(table.schema, page.key)) yield page;
}

/** Whether all pages of a table are within the scope of a restore. */
export function isWholeTable(context: RestoreContext<PostgresOptions>, table: TableDocument): boolean {
  return scopeOf(context).hasPage(table.schema, utf8(tablePrefix(table.name) + pagesFolder));
}
