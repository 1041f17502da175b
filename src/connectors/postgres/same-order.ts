import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ApplyJob } from './apply.ts';
import { boundsOf, pageDiffers } from './compare-page.ts';
import type { Lender } from './lend.ts';
import { condition } from './read-page.ts';
import { pagesInScope } from './scope-pages.ts';
import type { TableDocument } from './table-document.ts';
import { inTransaction } from './transaction.ts';
import { loadPageTable } from './write-page.ts';

const look = { begin: 'begin', end: 'rollback' } as const;

/**
 * Mode exact deletes what lies between the bounds of a page and is not in it. Where the target sorts otherwise (another collation,
 * another version of its library), rows of other pages lie there as well: looked at before anything is deleted. Keys
 * whose bytes sort like their values sort so everywhere. Throws item.conflict.
 */
export async function expectSameOrder(
  { context, captured }: ApplyJob,
  table: TableDocument,
  writers: Lender,
): Promise<void> {
  if (table.ordered || table.pages?.kind !== 'cut') return;
  await forEachConcurrent(pagesInScope(context, captured, table), context.options.connections, async (page) => {
    context.signal.throwIfAborted();
    await writers.use(async (client) => {
      // A page with the same rows between the same bounds is in order.
      if (!(await pageDiffers(client, captured, table, page, 'exact'))) return;
      const outside = await inTransaction(client, look, async () => {
        await loadPageTable(client, captured, table, page);
        const count = (where: string): string => `(select count(*) from pg_temp.holdfast_page${where})`;
        const { rows } = await client.query<{ outside: boolean }>(
          `select ${count('')} <> ${count(condition(table, boundsOf(page)))} as outside`,
        );
        return rows[0]?.outside === true;
      });
      if (!outside) return;
      const name = `${table.schema}.${table.name}`;
      throw new HoldfastError(
        'item.conflict',
        `${name}: the server sorts its keys otherwise than when it was captured`,
        {
          resource: name,
          hint: 'Mode exact cannot tell there which rows are new. Use revert-changed, or restore beside it with --rename.',
        },
      );
    });
  });
}
