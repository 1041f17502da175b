import type { Client } from 'pg';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ApplyJob } from './apply.ts';
import type { Lender } from './lend.ts';
import type { Tally } from './repair-table.ts';
import { pagesInScope } from './scope-pages.ts';
import { literal, qualified } from './sql.ts';
import type { TableDocument } from './table-document.ts';
import { change, inTransaction } from './transaction.ts';
import { copyIn } from './write-page.ts';

/** Bytes of pages that go into a table in one transaction, where it is not filled by one. */
const batchBytes = 16 * 1024 * 1024;

/**
 * Bytes of pages above which a table is filled in batches: it alone would keep all connections but one waiting, and a restore
 * that dies would have to write all of it again.
 */
const mostAtOnce = 4 * 1024 ** 3;

/**
 * Fills an empty table. One of a few GiB that is as create-definitions makes it, without indexes and triggers, is filled by one COPY, so that a
 * restore that dies leaves it empty; any other, and one of which that is refused, in batches on several connections, of
 * which those that are good stay. Throws what the server refused of these.
 */
export async function fillTable(job: ApplyJob, table: TableDocument, writers: Lender, tally: Tally): Promise<void> {
  const { context, captured } = job;
  const first = await pagesInScope(context, captured, table).next();
  if (first.done === true) return;
  const isLarge = await areMoreThan(pagesInScope(context, captured, table), mostAtOnce);
  const whole = isLarge ? undefined : await fillAtOnce(job, table, writers);
  if (whole) return add(tally, whole);
  await forEachConcurrent(
    inBatches(pagesInScope(context, captured, table)),
    context.options.connections,
    async (pages) => {
      context.signal.throwIfAborted();
      const written = await writers.use((client) =>
        inTransaction(client, change, async () => await fill(client, captured, table, pages)),
      );
      add(tally, written);
    },
  );
}

/** Reads no further than it must. */
export async function areMoreThan(pages: AsyncIterable<Pick<CapturedEntry, 'size'>>, bytes: number): Promise<boolean> {
  let sum = 0;
  for await (const { size } of pages) {
    sum += size;
    if (sum > bytes) return true;
  }
  return false;
}

/** What went into it. */
interface Filled {
  readonly rows: number;
  readonly bytes: number;
}

function add(tally: Tally, { rows, bytes }: Filled): void {
  tally.rows += rows;
  tally.bytes += bytes;
}

/** Undefined: not this table, or it was refused; then it is as it was. */
async function fillAtOnce(
  { context, captured }: ApplyJob,
  table: TableDocument,
  writers: Lender,
): Promise<Filled | undefined> {
  async function* pages(): AsyncGenerator<CapturedEntry> {
    for await (const page of pagesInScope(context, captured, table)) {
      context.signal.throwIfAborted();
      yield page;
    }
  }
  try {
    return await writers.use((client) =>
      inTransaction(client, change, async () => {
        if (!(await truncateBare(client, table))) return undefined;
        return await fill(client, captured, table, pages(), ' with (freeze)');
      }),
    );
  } catch {
    // Batches tell what is refused again, and keep what is not.
    context.signal.throwIfAborted();
    return undefined;
  }
}

/**
 * Truncates an empty table that nobody uses and that has neither indexes nor triggers: rows that the same transaction then writes
 * are frozen by COPY FREEZE, so that nothing writes them a second time when they are first read, and with wal_level = minimal there is
 * no WAL of them (PostgreSQL documentation, "COPY", "Populating a Database"). A single writer does not wait for others that make
 * the file longer. Not where changes are decoded for others: there a TRUNCATE would be done once more.
 */
async function truncateBare(client: Client, table: TableDocument): Promise<boolean> {
  const name = qualified(table);
  const { rows } = await client.query(
    `select from pg_catalog.pg_class c join pg_catalog.pg_am a on a.oid = c.relam where c.oid = ${literal(name)}::pg_catalog.regclass
     and c.relkind = 'r' and a.amname = 'heap' and not c.relhasindex and not c.relhastriggers
     and not exists (select from pg_catalog.pg_replication_slots where database = pg_catalog.current_database())`,
  );
  if (rows.length === 0) return false;
  await client.query(`lock table only ${name} in access exclusive mode nowait`);
  // Asked once more, now that nobody can write to it.
  const there = await client.query(`select from only ${name} limit 1`);
  if (there.rows.length > 0) return false;
  await client.query(`truncate only ${name}`);
  return true;
}

/** Throws item.damaged where the server took another number of rows than were captured. */
async function fill(
  client: Client,
  captured: CapturedResource,
  table: TableDocument,
  pages: AsyncIterable<CapturedEntry> | Iterable<CapturedEntry>,
  options?: string,
): Promise<Filled> {
  let [expected, bytes] = [0, 0];
  async function* counted(): AsyncGenerator<CapturedEntry> {
    for await (const page of pages) {
      expected += Number(page.attributes['rows'] ?? 0);
      bytes += page.size;
      yield page;
    }
  }
  const copied = await copyIn(client, captured, qualified(table), table, counted(), options);
  if (copied !== expected) {
    const name = `${table.schema}.${table.name}`;
    throw new HoldfastError('item.damaged', `${name} took ${copied} of ${expected} rows`, { resource: name });
  }
  return { rows: copied, bytes };
}

async function* inBatches(pages: AsyncIterable<CapturedEntry>): AsyncGenerator<CapturedEntry[]> {
  let batch: CapturedEntry[] = [];
  let bytes = 0;
  for await (const page of pages) {
    batch.push(page);
    bytes += page.size;
    if (bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
