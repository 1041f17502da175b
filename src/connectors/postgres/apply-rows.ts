import type { Client } from 'pg';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedEntry } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import type { ApplyJob } from './apply.ts';
import { tablesWithRows } from './captured-database.ts';
import { pageDiffers } from './compare-page.ts';
import { postgresError } from './errors.ts';
import { isRefusal } from './plan-rows.ts';
import { condition } from './read-page.ts';
import { scopeOf } from './scope.ts';
import { pagesInScope } from './scope-pages.ts';
import { qualified } from './sql.ts';
import type { TableDocument } from './table-document.ts';
import { openLender, type Lender } from './lend.ts';
import { withConnection } from './target.ts';
import { uncapturedBounds } from './uncaptured.ts';
import { copyIn, repairPage } from './write-page.ts';
import { change, inTransaction } from './transaction.ts';

/** Bytes of pages that go into an empty table in one transaction. */
const batchBytes = 16 * 1024 * 1024;

interface Tally {
  rows: number;
  bytes: number;
  readonly failures: HoldfastError[];
}

/**
 * Brings the rows of all tables back: empty tables by COPY of their pages, several at a time; others page by page, each that
 * differs in a transaction of its own. A table that refuses costs itself.
 */
export async function writeRows(job: ApplyJob): Promise<ActionOutcome> {
  const { context, captured } = job;
  const tables = await tablesWithRows(captured, scopeOf(context));
  const tally: Tally = { rows: 0, bytes: 0, failures: [] };
  const writers = openLender(job.target.url, context.options.connections);
  try {
    await forEachConcurrent(tables, context.options.connections, async (table) => {
      try {
        await writeTable(job, table, writers, tally);
      } catch (error) {
        context.signal.throwIfAborted();
        const problem = postgresError(
          error,
          `cannot write ${table.schema}.${table.name}`,
          `${table.schema}.${table.name}`,
        );
        if (problem.code === 'item.unavailable') throw problem;
        tally.failures.push(problem);
      }
    });
  } finally {
    await writers.close();
  }
  return { result: 'done', class: 'exact', items: tally.rows, bytes: tally.bytes, failures: tally.failures };
}

async function writeTable(job: ApplyJob, table: TableDocument, writers: Lender, tally: Tally): Promise<void> {
  const { context, captured, target } = job;
  const isEmpty = await withConnection(target.url, async (client) => {
    return (await client.query(`select 1 from only ${qualified(table)} limit 1`)).rows.length === 0;
  });
  const write = isEmpty ? fill : repair;
  const groups = isEmpty
    ? inBatches(pagesInScope(context, captured, table))
    : inBatches(pagesInScope(context, captured, table), 1);
  await forEachConcurrent(groups, context.options.connections, async (pages) => {
    context.signal.throwIfAborted();
    await writers.use((client) => write(job, table, pages, client, tally));
  });
  if (context.mode !== 'exact' || isEmpty) return;
  await writers.use(async (client) => {
    for (const bounds of await uncapturedBounds(client, context, captured, table)) {
      const { rowCount } = await client.query(`delete from only ${qualified(table)}${condition(table, bounds)}`);
      tally.rows += rowCount ?? 0;
    }
  });
}

async function fill(
  { captured }: ApplyJob,
  table: TableDocument,
  pages: readonly CapturedEntry[],
  client: Client,
  tally: Tally,
): Promise<void> {
  const expected = pages.reduce((sum, page) => sum + Number(page.attributes['rows'] ?? 0), 0);
  const rows = await inTransaction(client, change, async () => {
    const copied = await copyIn(client, captured, qualified(table), table, pages);
    if (copied === expected) return copied;
    const name = `${table.schema}.${table.name}`;
    throw new HoldfastError('item.damaged', `${name} took ${copied} of ${expected} rows`, { resource: name });
  });
  tally.rows += rows;
  tally.bytes += pages.reduce((sum, page) => sum + page.size, 0);
}

async function repair(
  { captured, context }: ApplyJob,
  table: TableDocument,
  pages: readonly CapturedEntry[],
  client: Client,
  tally: Tally,
): Promise<void> {
  for (const page of pages) {
    const differs = await pageDiffers(client, captured, table, page, context.mode).catch((error: unknown) => {
      if (isRefusal(error)) return true;
      throw error;
    });
    if (!differs) continue;
    tally.rows += await repairPage(client, captured, table, page, context.mode);
    tally.bytes += page.size;
  }
}

async function* inBatches(pages: AsyncIterable<CapturedEntry>, most = Infinity): AsyncGenerator<CapturedEntry[]> {
  let batch: CapturedEntry[] = [];
  let bytes = 0;
  for await (const page of pages) {
    batch.push(page);
    bytes += page.size;
    if (batch.length < most && bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
