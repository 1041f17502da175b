import { createLimiter, forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import { pageDiffers } from './compare-page.ts';
import type { PostgresOptions } from './options.ts';
import { pagesInScope } from './scope-pages.ts';
import type { TableDocument } from './table-document.ts';
import { withConnection, type Target } from './target.ts';
import { uncapturedBounds } from './uncaptured.ts';

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
  const limiter = createLimiter(context.options.connections);
  let isNew = true;
  await forEachConcurrent(tables, context.options.connections, async (table) => {
    const name = `${table.schema}.${table.name}`;
    const count = (page: CapturedEntry): void => {
      found.tables.add(name);
      found.pages++;
      found.rows += Number(page.attributes['rows'] ?? 0);
      found.bytes += page.size;
    };
    if (!target.exists || missing.has(name)) {
      for await (const page of pagesInScope(context, captured, table)) count(page);
      return;
    }
    await limiter.run(() =>
      withConnection(target.url, async (client) => {
        for await (const page of pagesInScope(context, captured, table)) {
          context.signal.throwIfAborted();
          const differs = await pageDiffers(client, captured, table, page, context.mode).catch((error: unknown) => {
            if (isRefusal(error)) return true;
            throw error;
          });
          if (!differs) continue;
          isNew = false;
          count(page);
        }
        if (context.mode === 'exact' && (await uncapturedBounds(client, context, captured, table)).length > 0) {
          isNew = false;
          found.tables.add(name);
          found.pages++;
        }
      }),
    );
  });
  return { ...found, tables: [...found.tables].sort(), isNew };
}

/** A SQLSTATE: the server answered, and said no (a column is gone). */
export function isRefusal(error: unknown): boolean {
  return /^(42|22|23)/.test((error as { code?: string }).code ?? '');
}
