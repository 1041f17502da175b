import type { Client } from 'pg';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedEntry } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { ApplyJob } from './apply.ts';
import { pageDiffers } from './compare-page.ts';
import type { Lender } from './lend.ts';
import { isRefusal } from './plan-rows.ts';
import { condition } from './read-page.ts';
import { expectSameOrder } from './same-order.ts';
import { pagesInScope } from './scope-pages.ts';
import { qualified } from './sql.ts';
import type { TableDocument } from './table-document.ts';
import { uncapturedBounds } from './uncaptured.ts';
import { repairPage } from './write-page.ts';

/** What was written, and what was refused. */
export interface Tally {
  rows: number;
  bytes: number;
  readonly failures: HoldfastError[];
}

/** Brings the rows of a table that has some back, page by page, each that differs in a transaction of its own. Throws what is refused. */
export async function repairTable(job: ApplyJob, table: TableDocument, writers: Lender, tally: Tally): Promise<void> {
  const { context, captured } = job;
  if (context.mode === 'exact') await expectSameOrder(job, table, writers);
  const clashing: Clash[] = [];
  await forEachConcurrent(pagesInScope(context, captured, table), context.options.connections, async (page) => {
    context.signal.throwIfAborted();
    clashing.push(...(await repairUnlessClash(job, table, { page, anew: false }, writers, tally)));
  });
  if (context.mode === 'exact') {
    await writers.use(async (client) => {
      for (const bounds of await uncapturedBounds(client, context, captured, table)) {
        const { rowCount } = await client.query(`delete from only ${qualified(table)}${condition(table, bounds)}`);
        tally.rows += rowCount ?? 0;
      }
    });
  }
  await settleClashes(job, table, clashing, writers, tally);
}

/** A page that was refused for what rows of other pages, or of the page itself, still have. */
interface Clash {
  readonly page: CapturedEntry;
  readonly error: unknown;
}

/** Unique values, exclusions, foreign keys. */
const clash = /^23(503|505|P01)$/;

async function repairUnlessClash(
  job: ApplyJob,
  table: TableDocument,
  what: { readonly page: CapturedEntry; readonly anew: boolean },
  writers: Lender,
  tally: Tally,
): Promise<Clash[]> {
  try {
    await writers.use((client) => repair(job, table, what, client, tally));
    return [];
  } catch (error) {
    if (!clash.test((error as { code?: string }).code ?? '')) throw error;
    return [{ page: what.page, error }];
  }
}

/**
 * Pages that clashed once more, as long as one of them succeeds: a row of another page may have had what they need. Throws what the
 * server refused to the last.
 */
async function settleClashes(
  job: ApplyJob,
  table: TableDocument,
  clashing: readonly Clash[],
  writers: Lender,
  tally: Tally,
): Promise<void> {
  let left = clashing;
  let anew = false;
  while (left.length > 0) {
    const still: Clash[] = [];
    for (const { page } of left) {
      job.context.signal.throwIfAborted();
      still.push(...(await repairUnlessClash(job, table, { page, anew }, writers, tally)));
    }
    if (still.length === left.length && anew) throw still[0]?.error;
    anew = still.length === left.length;
    left = still;
  }
}

async function repair(
  { captured, context: { mode } }: ApplyJob,
  table: TableDocument,
  { page, anew }: { readonly page: CapturedEntry; readonly anew: boolean },
  client: Client,
  tally: Tally,
): Promise<void> {
  const differs = await pageDiffers(client, captured, table, page, mode).catch((error: unknown) => {
    if (isRefusal(error)) return true;
    throw error;
  });
  if (!differs) return;
  tally.rows += await repairPage(client, captured, table, page, { mode, anew });
  tally.bytes += page.size;
}
