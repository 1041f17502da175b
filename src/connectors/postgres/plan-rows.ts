import type { Client } from 'pg';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import { areEqual, boundsOf, pageDiffers } from './compare-page.ts';
import { liesAsCaptured, mayLieInOrder } from './compare-table.ts';
import { openLender, type Lender } from './lend.ts';
import { neighbourhoods } from './neighbours.ts';
import type { PostgresOptions } from './options.ts';
import { isWholeTable, pagesInScope } from './scope-pages.ts';
import type { TableDocument } from './table-document.ts';
import type { Target } from './target.ts';
import { uncapturedBounds } from './uncaptured.ts';

/** Pages that are compared by one query. */
const together = { mostPages: 32, mostBytes: 4 * 1024 * 1024 };

export interface RowPlan {
  readonly tables: readonly string[];
  readonly pages: number;
  readonly rows: number;
  readonly bytes: number;
  /** None of these tables is there yet. */
  readonly isNew: boolean;
}

/** Which pages a restore has to write. A page that cannot be compared counts: writing it says why. */
export async function planRows(
  context: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
  target: Target,
  tables: readonly TableDocument[],
  missing: ReadonlySet<string>,
): Promise<RowPlan> {
  const found = { tables: new Set<string>(), pages: 0, rows: 0, bytes: 0 };
  const lender = openLender(target.url, context.options.connections);
  let isNew = true;

  async function planTable(table: TableDocument): Promise<void> {
    const name = `${table.schema}.${table.name}`;
    const count = (page: CapturedEntry): void => {
      found.tables.add(name);
      found.pages++;
      found.rows += Number(page.attributes['rows'] ?? 0);
      found.bytes += page.size;
    };
    const pages = pagesInScope(context, captured, table);
    if (!target.exists || missing.has(name)) {
      for await (const page of pages) count(page);
      return;
    }
    if (await isEqualInOrder(context, captured, table, lender)) return;
    const groups = neighbourhoods(table, pages, boundsOf, together);
    await forEachConcurrent(groups, context.options.connections, async (group) => {
      context.signal.throwIfAborted();
      for (const page of await lender.use((client) => differing(client, context, captured, table, group))) {
        isNew = false;
        count(page);
      }
    });
    if (context.mode !== 'exact') return;
    const extra = await lender.use((client) => uncapturedBounds(client, context, captured, table));
    if (extra.length === 0) return;
    isNew = false;
    found.tables.add(name);
    found.pages++;
  }
  try {
    await forEachConcurrent(tables, context.options.connections, planTable);
  } finally {
    await lender.close();
  }
  return { ...found, tables: [...found.tables].sort(), isNew };
}

/**
 * Whether a table of more than a few pages is as captured, found by reading it once as its rows lie. False tells nothing: then
 * it is compared page by page, which also tells what went wrong here.
 */
async function isEqualInOrder(
  context: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
  table: TableDocument,
  lender: Lender,
): Promise<boolean> {
  const { signal } = context;
  if (!isWholeTable(context, table) || !(await hasMore(pagesInScope(context, captured, table), together.mostPages)))
    return false;
  const found = lender.use(async (client) => {
    if (!(await mayLieInOrder(client, table))) return false;
    if (await liesAsCaptured(client, captured, table, pagesInScope(context, captured, table), signal)) return true;
    throw new Error('cut off, and not to be lent again');
  });
  return await found.catch(() => {
    signal.throwIfAborted();
    return false;
  });
}

async function hasMore(pages: AsyncIterable<unknown>, than: number): Promise<boolean> {
  let count = 0;
  for await (const _ of pages) if (++count > than) return true;
  return false;
}

async function differing(
  client: Client,
  context: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
  table: TableDocument,
  group: readonly CapturedEntry[],
): Promise<CapturedEntry[]> {
  const orRefused = (error: unknown): boolean => {
    if (isRefusal(error)) return true;
    throw error;
  };
  if (group.length > 1 && (await areEqual(client, captured, table, group).catch((error) => !orRefused(error))))
    return [];
  const found: CapturedEntry[] = [];
  for (const page of group) {
    context.signal.throwIfAborted();
    if (await pageDiffers(client, captured, table, page, context.mode).catch(orRefused)) found.push(page);
  }
  return found;
}

/** A SQLSTATE: the server answered, and said no (a column is gone). */
export function isRefusal(error: unknown): boolean {
  return /^(42|22|23)/.test((error as { code?: string }).code ?? '');
}
