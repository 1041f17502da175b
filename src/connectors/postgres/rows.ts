import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { asBuffer, emptyBytes, utf8 } from '../../kernel/bytes.ts';
import { copyLines, parseCopyLine, type RowValues } from './copy-text.ts';
import { pagesFolder, schemaCollection, tableFile, tablePrefix } from './names.ts';
import { pageKey } from './page-key.ts';
import type { TableDocument } from './table-document.ts';

/**
 * The rows of captured tables, read without restoring anything. Values are text as the server wrote it (DateStyle ISO,
 * TimeZone UTC, bytea as hex), in the order of `document.columns`.
 */
export interface RowFilter {
  /** Rows whose value of each of these columns is that text; null is SQL's NULL. */
  readonly equals?: Readonly<Record<string, string | null>>;
  /** Rows whose first key column is at least this, and less than that; only of tables with `ordered` pages. */
  readonly from?: string;
  readonly to?: string;
}

export interface CapturedRow {
  readonly values: RowValues;
  /** The same as COPY's text format has it, without the line feed. */
  readonly line: Buffer;
}

/** Undefined: the snapshot holds no such table. */
export async function findTable(
  captured: CapturedResource,
  schema: string,
  name: string,
): Promise<TableDocument | undefined> {
  const document = await captured.json(schemaCollection(schema), tablePrefix(name) + tableFile);
  return document === undefined ? undefined : (document as unknown as TableDocument);
}

/** So many pages of a table are passed by before the rest of them is skipped: a search costs what reading some of them does. */
const mostPassed = 64;

/** Descriptions of all captured tables, schema by schema. */
export async function* listTables(captured: CapturedResource): AsyncGenerator<TableDocument> {
  for (const collection of captured.collections) {
    if (collection === '') continue;
    for (let from: Uint8Array | undefined = emptyBytes; from;) {
      const start: Uint8Array = from;
      from = undefined;
      let passed = 0;
      for await (const entry of captured.entries(collection, { from: start })) {
        const key = asBuffer(entry.key).toString('utf8');
        if (key.endsWith(`/${tableFile}`) && entry.kind === 'document') {
          passed = 0;
          yield JSON.parse(asBuffer(await captured.bytes(entry)).toString('utf8')) as TableDocument;
        } else if (++passed === mostPassed) {
          // The first key behind those of the table's pages.
          from = utf8(`${key.slice(0, key.indexOf('/'))}/${pagesFolder.slice(0, -1)}0`);
          break;
        }
      }
    }
  }
}

/**
 * Rows in the order of their pages, page by page; memory is bounded by a piece of a page and one row. Where the filter says
 * something of the first key column, and page keys sort as it does, only the pages that may hold such rows are read.
 */
export async function* readRows(
  captured: CapturedResource,
  table: TableDocument,
  filter: RowFilter = {},
): AsyncGenerator<CapturedRow> {
  const wanted = rowTest(table, filter);
  for await (const page of pagesOf(captured, table, filter))
    for await (const line of copyLines(captured.read(page))) {
      const values = parseCopyLine(line);
      if (wanted(values)) yield { values, line };
    }
}

/** Pages of a table in ascending order of their keys; with a filter, those that may hold what it lets through. */
export async function* pagesOf(
  captured: CapturedResource,
  table: TableDocument,
  filter: RowFilter = {},
): AsyncGenerator<CapturedEntry> {
  const prefix = tablePrefix(table.name) + pagesFolder;
  const { lowest, highest } = keyRange(table, filter);
  // The page before the first one above `lowest` may hold it.
  let before: CapturedEntry | undefined;
  for await (const entry of captured.entries(schemaCollection(table.schema), { prefix: utf8(prefix) })) {
    const key = asBuffer(entry.key).toString('utf8').slice(prefix.length);
    if (highest !== undefined && key >= highest && !key.startsWith(highest)) break;
    if (lowest !== undefined && key <= lowest) {
      before = entry;
      continue;
    }
    if (before) yield before;
    before = undefined;
    yield entry;
  }
  if (before) yield before;
}

/** Encoded bounds of the first key column, both inclusive; absent where the pages have to be read whole. */
function keyRange(table: TableDocument, filter: RowFilter): { readonly lowest?: string; readonly highest?: string } {
  const [first] = table.key;
  if (!table.ordered || first === undefined) return {};
  const base = table.columns.find(({ name }) => name === first)?.base ?? '';
  const encode = (value: string): string => pageKey([value], [base]);
  const exact = filter.equals?.[first];
  if (typeof exact === 'string') return { lowest: encode(exact), highest: encode(exact) };
  return {
    ...(filter.from === undefined ? {} : { lowest: encode(filter.from) }),
    ...(filter.to === undefined ? {} : { highest: encode(filter.to) }),
  };
}

function rowTest(table: TableDocument, filter: RowFilter): (values: RowValues) => boolean {
  const places = new Map(table.columns.map(({ name }, i) => [name, i]));
  const equals = Object.entries(filter.equals ?? {}).map(([name, value]) => ({ place: places.get(name), value }));
  const keyPlace = places.get(table.key[0] ?? '');
  const base = table.columns[keyPlace ?? -1]?.base ?? '';
  const encode = (value: string): string => pageKey([value], [base]);
  const from = filter.from === undefined ? undefined : encode(filter.from);
  const to = filter.to === undefined ? undefined : encode(filter.to);
  return (values) => {
    if (equals.some(({ place, value }) => place === undefined || values[place] !== value)) return false;
    if (from === undefined && to === undefined) return true;
    const value = values[keyPlace ?? -1];
    if (typeof value !== 'string') return false;
    const key = encode(value);
    return (from === undefined || key >= from) && (to === undefined || key < to);
  };
}
