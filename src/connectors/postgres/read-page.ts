import type { LoadedContent } from '../../kernel/capture.ts';
import type { Attributes } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { copyOut } from './copy-out.ts';
import { postgresError } from './errors.ts';
import type { PageBounds } from './list-pages.ts';
import type { DatabaseSnapshot } from './snapshot.ts';
import { identifier, literal, operator, qualified } from './sql.ts';
import type { TableDocument } from './table-document.ts';

export type Rows = Pick<TableDocument, 'schema' | 'name' | 'key' | 'columns'>;

/** The condition that a row lies within the bounds; '' where there are none. */
export function condition({ key, columns }: Rows, { from, to }: PageBounds): string {
  const names = key.map(identifier);
  const left = names.length === 1 ? (names[0] as string) : `(${names.join(', ')})`;
  // Bounds of pages of fixed width may lie outside of a smaller integer type.
  const typed = (value: string, i: number): string => {
    const base = columns.find(({ name }) => name === key[i])?.base ?? '';
    return /^pg_catalog\.int[248]$/.test(base) ? `${literal(value)}::bigint` : literal(value);
  };
  const only = key.length === 1 ? columns.find(({ name }) => name === key[0]) : undefined;
  const right = (values: readonly string[]): string =>
    values.length === 1 ? typed(values[0] as string, 0) : `(${values.map(typed).join(', ')})`;
  const parts = [
    ...(from === undefined ? [] : [`${left} ${operator('>=', only)} ${right(from)}`]),
    ...(to === undefined ? [] : [`${left} ${operator('<', only)} ${right(to)}`]),
  ];
  return parts.length === 0 ? '' : ` where ${parts.join(' and ')}`;
}

/** A COPY of the rows within the bounds, in the order of the key, or of their text where there is none. */
export function copyQuery(table: Rows, bounds: PageBounds): string {
  const { schema, name, columns, key } = table;
  const list = columns.map((column) => identifier(column.name)).join(', ');
  const rows = `select ${list} from only ${qualified({ schema, name })}${condition(table, bounds)}`;
  return key.length > 0
    ? `copy (${rows} order by ${key.map(identifier).join(', ')}) to stdout`
    : `copy (select * from (${rows}) as page order by (page.*)::text collate "C") to stdout`;
}

/**
 * A page that is not large as one piece, which goes to the repository's workers as it is; any other as a stream. What `summary`
 * makes of its bytes becomes its details.
 */
export async function loadPage(
  snapshot: Pick<DatabaseSnapshot, 'lend'>,
  rows: Rows,
  page: { readonly bounds: PageBounds; readonly rows?: number },
  summary?: PageSummary,
): Promise<LoadedContent> {
  const pieces = readPage(snapshot, rows, page);
  const first = await pieces.next();
  if (first.done) return {};
  const second = await pieces.next();
  if (second.done) return loadedPage(first.value, summary);
  async function* all(): AsyncGenerator<Uint8Array> {
    for (const piece of [first.value, second.value] as Uint8Array[]) {
      summary?.add(piece);
      yield piece;
    }
    for await (const piece of pieces) {
      summary?.add(piece);
      yield piece;
    }
  }
  const content = all();
  if (!summary) return { content };
  return {
    content,
    get details() {
      return summary.details();
    },
  };
}

/** A page in one piece, which is all there is in its memory. */
export function loadedPage(content: Uint8Array, summary: PageSummary | undefined): LoadedContent {
  summary?.add(content);
  return { content, ownsMemory: true, ...(summary ? { details: summary.details() } : {}) };
}

/** Sees all bytes of a page, in order, before it is asked. */
export interface PageSummary {
  add(piece: Uint8Array): void;
  details(): Attributes;
}

/**
 * The rows of a page as lines of COPY's text format, on one of the snapshot's connections. Throws item errors; item.damaged
 * where the server sent another number of rows than it counted.
 */
export async function* readPage(
  snapshot: Pick<DatabaseSnapshot, 'lend'>,
  rows: Rows,
  page: { readonly bounds: PageBounds; readonly rows?: number },
): AsyncGenerator<Uint8Array> {
  const resource = `${rows.schema}.${rows.name}`;
  const lent = await snapshot.lend();
  let state: 'usable' | 'broken' = 'broken';
  try {
    const copy = copyOut(lent.client, copyQuery(rows, page.bounds));
    for await (const { bytes } of copy.pieces) yield bytes;
    if (page.rows !== undefined && copy.rows() !== page.rows) {
      throw new HoldfastError('item.damaged', `${resource}: ${copy.rows()} rows came where ${page.rows} are`, {
        resource,
      });
    }
    state = 'usable';
  } catch (error) {
    throw postgresError(error, `cannot read ${resource}`, resource);
  } finally {
    await lent.release(state);
  }
}
