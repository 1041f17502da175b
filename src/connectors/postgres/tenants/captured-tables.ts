import { utf8 } from '../../../kernel/bytes.ts';
import type { CapturedResource } from '../../../kernel/entry.ts';
import { asBuffer } from '../../../kernel/bytes.ts';
import { tableFile } from '../names.ts';
import type { TableDocument } from '../table-document.ts';

/** A table as statements name it: a partitioned one stands for its partitions. */
export interface TenantTable {
  /** `schema.table` */
  readonly id: string;
  readonly document: TableDocument;
  /** Where its captured rows lie: itself, or its partitions; each with the collection and the beginning of its keys. */
  readonly parts: readonly TablePart[];
}

export interface TablePart {
  readonly document: TableDocument;
  readonly collection: string;
  /** `orders/` */
  readonly prefix: string;
}

/** Tables of a captured database whose rows were captured, in the order of their names. Throws what reading throws. */
export async function capturedTables(captured: CapturedResource): Promise<TenantTable[]> {
  const parts: TablePart[] = [];
  for (const collection of captured.collections) {
    if (collection !== '') parts.push(...(await partsOf(captured, collection)));
  }
  return tenantTables(parts);
}

/** The same of tables that are at hand. */
export function tenantTables(parts: readonly TablePart[]): TenantTable[] {
  const byId = new Map(parts.map((part) => [idOf(part.document), part]));
  const rows = new Map<string, TablePart[]>();
  for (const part of parts) {
    const { kind, pages } = part.document;
    if (kind === 'partitioned table') rows.set(idOf(part.document), rows.get(idOf(part.document)) ?? []);
    if (kind !== 'table' || pages === undefined) continue;
    const top = idOf(topOf(part, byId).document);
    rows.set(top, [...(rows.get(top) ?? []), part]);
  }
  return [...rows]
    .flatMap(([id, own]): TenantTable[] => {
      const part = byId.get(id);
      const isTop = part !== undefined && topOf(part, byId) === part;
      return isTop ? [{ id, document: part.document, parts: own }] : [];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function idOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${schema}.${name}`;
}

function topOf(part: TablePart, byId: ReadonlyMap<string, TablePart>): TablePart {
  const above = part.document.parents.map((id) => byId.get(id)).find((p) => p?.document.kind === 'partitioned table');
  return above === undefined ? part : topOf(above, byId);
}

/** Jumps from table to table, since pages of a large one are many. */
async function partsOf(captured: CapturedResource, collection: string): Promise<TablePart[]> {
  const parts: TablePart[] = [];
  let from = '';
  for (;;) {
    const prefix = await firstPrefix(captured, collection, from);
    if (prefix === undefined) return parts;
    const document = (await captured.json(collection, prefix + tableFile)) as unknown as TableDocument | undefined;
    if (document !== undefined) parts.push({ document, collection, prefix });
    // `0` is the character behind the slash.
    from = `${prefix.slice(0, -1)}0`;
  }
}

async function firstPrefix(captured: CapturedResource, collection: string, from: string): Promise<string | undefined> {
  for await (const { key } of captured.entries(collection, { from: utf8(from) })) {
    const text = asBuffer(key).toString('utf8');
    const slash = text.indexOf('/');
    if (slash > 0) return text.slice(0, slash + 1);
  }
  return undefined;
}
