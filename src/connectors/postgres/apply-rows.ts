import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import type { ApplyJob } from './apply.ts';
import { tablesWithRows } from './captured-database.ts';
import { postgresError } from './errors.ts';
import { fillTable } from './fill-table.ts';
import { scopeOf } from './scope.ts';
import { qualified } from './sql.ts';
import type { TableDocument } from './table-document.ts';
import { openLender, type Lender } from './lend.ts';
import { withConnection } from './target.ts';
import { repairTable, type Tally } from './repair-table.ts';

/**
 * Brings the rows of all tables back: empty tables by COPY of their pages, several tables at a time; others page by page, each
 * that differs in a transaction of its own. A table that refuses costs itself; one that lacks rows of another table is tried again.
 */
export async function writeRows(job: ApplyJob): Promise<ActionOutcome> {
  const { context, captured } = job;
  const tables = await tablesWithRows(captured, scopeOf(context));
  const tally: Tally = { rows: 0, bytes: 0, failures: [] };
  const writers = openLender(job.target.url, context.options.connections);
  try {
    // Where foreign keys act, tables wait for those they refer to.
    for (let left = tables; left.length > 0;) {
      const refused: RefusedTable[] = [];
      await forEachConcurrent(left, context.options.connections, async (table) => {
        refused.push(...(await writeOrRefuse(job, table, writers, tally)));
      });
      const waiting = refused.filter(({ waits }) => waits);
      const isOver = waiting.length === left.length;
      tally.failures.push(...refused.filter(({ waits }) => isOver || !waits).map(({ problem }) => problem));
      left = isOver ? [] : waiting.map(({ table }) => table);
    }
  } finally {
    await writers.close();
  }
  return { result: 'done', class: 'exact', items: tally.rows, bytes: tally.bytes, failures: tally.failures };
}

interface RefusedTable {
  readonly table: TableDocument;
  readonly problem: HoldfastError;
  /** For rows of another table. */
  readonly waits: boolean;
}

async function writeOrRefuse(
  job: ApplyJob,
  table: TableDocument,
  writers: Lender,
  tally: Tally,
): Promise<RefusedTable[]> {
  try {
    await writeTable(job, table, writers, tally);
    return [];
  } catch (error) {
    job.context.signal.throwIfAborted();
    const name = `${table.schema}.${table.name}`;
    const problem = postgresError(error, `cannot write ${name}`, name);
    if (problem.code === 'item.unavailable') throw problem;
    return [{ table, problem, waits: (error as { code?: string }).code === foreignKeyViolation }];
  }
}

const foreignKeyViolation = '23503';

async function writeTable(job: ApplyJob, table: TableDocument, writers: Lender, tally: Tally): Promise<void> {
  const { target } = job;
  const isEmpty = await withConnection(target.url, async (client) => {
    return (await client.query(`select 1 from only ${qualified(table)} limit 1`)).rows.length === 0;
  });
  if (isEmpty) await fillTable(job, table, writers, tally);
  else await repairTable(job, table, writers, tally);
}
