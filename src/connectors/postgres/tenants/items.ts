import type { CapturedResource } from '../../../kernel/entry.ts';
import type { Json } from '../../../kernel/json.ts';
import type { TenantItem, TenantShare } from '../../tenants.ts';
import { parseCopyLine } from '../copy-text.ts';
import type { CapturedColumn, TableDocument } from '../table-document.ts';
import { capturedTables } from './captured-tables.ts';
import { eachLine } from './find-lines.ts';
import { ownedTables, type OwnedTable } from './ownership.ts';
import { readTenant, valuesOf } from './tenant-rows.ts';

/**
 * Tenants in the order they are found, each once: those of the table whose only key is the tenant where the mapping names one,
 * else those of all tables with the key column. Throws config.invalid, and what reading throws.
 */
export async function* tenantsOf(captured: CapturedResource, share: TenantShare): AsyncGenerator<string> {
  const direct = ownedTables(await capturedTables(captured), share).flatMap(({ table, owner }) =>
    owner.kind === 'column' ? [{ table, column: owner.column }] : [],
  );
  const primary = direct.filter(({ table, column }) => table.document.key.join() === column);
  const seen = new Set<string>();
  for (const { table, column } of primary.length === 1 ? primary : direct) {
    for (const part of table.parts) {
      for await (const field of valuesOf(captured, part, column)) {
        const [tenant] = parseCopyLine(Buffer.from(field));
        if (typeof tenant !== 'string' || seen.has(tenant)) continue;
        seen.add(tenant);
        yield tenant;
      }
    }
  }
}

/** A tenant's captured rows, tables in the order of ownership, rows in that of their keys. */
export async function* itemsOf(
  captured: CapturedResource,
  share: TenantShare,
  tenant: string,
): AsyncGenerator<TenantItem> {
  const owned = ownedTables(await capturedTables(captured), share);
  const reader = readTenant(captured, owned, tenant);
  for (const one of owned) yield* itemsOfTable(one, reader.rows(one));
}

async function* itemsOfTable(
  { table }: OwnedTable,
  rows: AsyncIterable<{ readonly document: TableDocument; readonly lines: Buffer }>,
): AsyncGenerator<TenantItem> {
  for await (const { document, lines } of rows) {
    for (const { start, end } of eachLine(lines)) {
      const fields = parseCopyLine(lines.subarray(start, end));
      const values = new Map(document.columns.map(({ name }, i) => [name, fields[i] ?? null]));
      yield {
        collection: table.id,
        key: table.document.key.map((name) => values.get(name) ?? '').join(', '),
        bytes: end - start,
        row: Object.fromEntries(document.columns.map((column, i) => [column.name, valueOf(column, fields[i] ?? null)])),
      };
    }
  }
}

/** What JSON holds without a loss is a number or a boolean; everything else is the server's text. */
function valueOf({ base }: CapturedColumn, text: string | null): Json {
  if (text === null) return null;
  if (base === 'pg_catalog.bool') return text === 't';
  return base === 'pg_catalog.int2' || base === 'pg_catalog.int4' ? Number(text) : text;
}
