import { createHash } from 'node:crypto';
import { utf8 } from '../../../kernel/bytes.ts';
import { mapOrdered } from '../../../kernel/concurrency.ts';
import type { CapturedEntry, CapturedResource } from '../../../kernel/entry.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import { formatCopyLine } from '../copy-text.ts';
import { pagesFolder } from '../names.ts';
import type { CapturedColumn, TableDocument } from '../table-document.ts';
import type { TablePart } from './captured-tables.ts';
import { createLineFinder, eachLine, fieldsOf, linesWith, wholeLines } from './find-lines.ts';
import { foundLines } from './found-lines.ts';
import type { OwnedTable } from './ownership.ts';
import { leadKey, pagesWith } from './page-range.ts';
import { pagesHolding } from './summary/may-hold.ts';
import { tenantText } from './tenant-id.ts';

/** Pages read at the same time: each is 64 to 256 KiB on average. */
const pagesAtOnce = 8;

/** Rows of a tenant: whole lines of COPY's text format, with the columns of the document. */
export interface TenantLines {
  readonly document: TableDocument;
  readonly lines: Buffer;
}

/** Reads a tenant's captured rows, table by table: parents before tables that are reached through them. */
export interface TenantReader {
  rows(owned: OwnedTable): AsyncIterable<TenantLines>;
}

/**
 * A reader of one tenant. It keeps the values by which other tables refer to the tenant's rows, and nothing else. Its rows
 * throw usage.invalid for a tenant that the column's type does not know, item.unreadable where a table document is not whole,
 * and what reading throws.
 */
export function readTenant(captured: CapturedResource, tables: readonly OwnedTable[], tenant: string): TenantReader {
  const known = new Map<string, Set<string>>();
  const wantedOf = new Map<string, { readonly columns: readonly string[]; readonly values: Set<string> }[]>();
  for (const { owner } of tables) {
    if (owner.kind !== 'through') continue;
    const { columns } = owner.reference.to;
    const name = valuesName(owner.parent, columns);
    if (known.has(name)) continue;
    const values = new Set<string>();
    known.set(name, values);
    wantedOf.set(owner.parent, [...(wantedOf.get(owner.parent) ?? []), { columns, values }]);
  }
  async function* part({ table, owner }: OwnedTable, from: TablePart): AsyncGenerator<TenantLines> {
    const { document } = from;
    const found = owner.kind === 'column' ? ofColumn(document, owner.column, tenant) : ofValues(document, owner, known);
    const keep = (wantedOf.get(table.id) ?? []).map(({ columns, values }) => ({
      values,
      at: columns.map((name) => columnAt(document, name).at),
    }));
    const prefix = utf8(from.prefix + pagesFolder);
    const pages = select(captured.entries(from.collection, { prefix }), found.mayHold);
    for await (const lines of linesOf(captured, document, pages, found)) {
      for (const { values, at } of keep) remember(values, at, lines);
      yield { document, lines };
    }
  }
  return {
    async *rows(owned) {
      for (const from of owned.table.parts) yield* part(owned, from);
    },
  };
}

interface Finder {
  /** Names what is looked for: equal names find equal lines in equal pages. */
  readonly name: string;
  mayHold(page: CapturedEntry): boolean;
  lines(block: Buffer): Buffer[];
}

function ofColumn(document: TableDocument, name: string, tenant: string): Finder {
  const { at, column } = columnAt(document, name);
  const field = formatCopyLine([tenantText(tenant, column)]);
  const value = Buffer.from(field);
  return {
    name: JSON.stringify([at, document.columns.length, field]),
    mayHold: mayHold(document, [name], [field]),
    lines: (block) => linesWith(block, at, document.columns.length, value),
  };
}

function ofValues(
  document: TableDocument,
  { reference, parent }: Extract<OwnedTable['owner'], { kind: 'through' }>,
  known: ReadonlyMap<string, ReadonlySet<string>>,
): Finder {
  const values = known.get(valuesName(parent, reference.to.columns)) ?? new Set<string>();
  const at = reference.columns.map((name) => columnAt(document, name).at);
  if (values.size === 0) return { name: '', mayHold: () => false, lines: () => [] };
  const digest = createHash('sha256').update(JSON.stringify([at, ...[...values].sort()]));
  return {
    name: digest.digest('hex'),
    mayHold: mayHold(document, reference.columns, values),
    lines: createLineFinder(at, values),
  };
}

/** By the bounds of pages where they tell, else by what was noted of their values. */
function mayHold(document: TableDocument, columns: readonly string[], values: Iterable<string>): Finder['mayHold'] {
  return leadKey(document, columns) ? pagesWith(document, columns, values) : pagesHolding(columns, values);
}

/** Pages of a keyed table are small and are read side by side; one that holds a whole table streams. */
async function* linesOf(
  captured: CapturedResource,
  document: TableDocument,
  pages: AsyncIterable<CapturedEntry>,
  { name, lines: find }: Finder,
): AsyncGenerator<Buffer> {
  if (document.pages?.kind === 'whole') {
    for await (const page of pages)
      for await (const block of wholeLines(captured.read(page))) yield* nonEmpty(find(block));
    return;
  }
  const found = mapOrdered(pages, pagesAtOnce, (page) =>
    foundLines(`${page.contentId} ${name}`, async () => {
      const lines: Buffer[] = [];
      for await (const block of wholeLines(captured.read(page))) lines.push(...find(block));
      return Buffer.concat(lines);
    }),
  );
  for await (const lines of found) if (lines.length > 0) yield lines;
}

function* nonEmpty(lines: Buffer[]): Generator<Buffer> {
  if (lines.length > 0) yield Buffer.concat(lines);
}

async function* select(
  pages: AsyncIterable<CapturedEntry>,
  wanted: (page: CapturedEntry) => boolean,
): AsyncGenerator<CapturedEntry> {
  for await (const page of pages) if (wanted(page)) yield page;
}

function remember(values: Set<string>, at: readonly number[], lines: Buffer): void {
  for (const { start, end } of eachLine(lines)) {
    const fields = fieldsOf(lines, start, end, at);
    if (fields !== undefined) values.add(fields);
  }
}

function valuesName(table: string, columns: readonly string[]): string {
  return JSON.stringify([table, ...columns]);
}

export function columnAt(
  document: TableDocument,
  name: string,
): { readonly at: number; readonly column: CapturedColumn } {
  const at = document.columns.findIndex((column) => column.name === name);
  const column = document.columns[at];
  if (column) return { at, column };
  const resource = `${document.schema}.${document.name}`;
  throw new HoldfastError('item.unreadable', `the snapshot does not hold column ${name} of ${resource}`, { resource });
}

/** Values of one column over all rows of a table, each as COPY wrote it; NULL is none. */
export async function* valuesOf(captured: CapturedResource, part: TablePart, name: string): AsyncGenerator<string> {
  const { at } = columnAt(part.document, name);
  const prefix = utf8(part.prefix + pagesFolder);
  const pages = captured.entries(part.collection, { prefix });
  const read = mapOrdered(pages, pagesAtOnce, async (page) => {
    const values = new Set<string>();
    for await (const block of wholeLines(captured.read(page))) remember(values, [at], block);
    return values;
  });
  for await (const values of read) yield* values;
}
