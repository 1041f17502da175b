import type { CaptureSink, CollectionSink } from '../../kernel/capture.ts';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { CatalogTable } from './catalog.ts';
import type { Query } from './choose-layout.ts';
import { postgresError } from './errors.ts';
import type { History } from './history.ts';
import { listPages, type PageList } from './list-pages.ts';
import { pagesFolder, schemaCollection, tableFile, tablePrefix } from './names.ts';
import type { PageSummary } from './read-page.ts';
import { createPageReader } from './read-pages.ts';
import type { DatabaseSnapshot } from './snapshot.ts';
import { asJson, tableDocument } from './table-document.ts';
import type { Summaries } from './tenants/summary/columns.ts';
import { pageSummary } from './tenants/summary/page-values.ts';

interface TablesCapture {
  readonly snapshot: DatabaseSnapshot;
  readonly history: History | undefined;
  readonly sink: CaptureSink;
  readonly signal: AbortSignal;
  readonly tables: readonly CatalogTable[];
  readonly wanted: (table: CatalogTable) => boolean;
  readonly summaries: Summaries;
  /** Tables that are divided into pages at the same time. */
  readonly connections: number;
}

/** Tables are counted in parts of this size, by as many connections as there are. */
const worthDividing = 64 * 1024 * 1024;

/** One collection per schema; in it, per table, its pages and the document that describes it. Returns when all were read. */
export async function captureTables(job: TablesCapture): Promise<void> {
  const { sink, signal, connections } = job;
  const tables = [...job.tables].sort(byKey);
  let schema: string | undefined;
  let collection: CollectionSink | undefined;
  const listed = mapOrdered(tables, connections, async (table) => ({ table, list: await list(job, table) }));
  for await (const { table, list } of listed) {
    signal.throwIfAborted();
    if (!collection || table.schema !== schema) {
      await collection?.idle();
      collection = sink.collection(schemaCollection(table.schema));
      ({ schema } = table);
    }
    await addTable(job, collection, table, list);
  }
  await collection?.idle();
}

function byKey(a: CatalogTable, b: CatalogTable): number {
  const [left, right] = [a, b].map((table) =>
    Buffer.from(`${schemaCollection(table.schema)}\0${tablePrefix(table.name)}`),
  );
  return Buffer.compare(left as Buffer, right as Buffer);
}

/** Undefined where rows are not captured: there are none, or not here, or they are not wanted. */
async function list(job: TablesCapture, table: CatalogTable): Promise<PageList | HoldfastError | undefined> {
  if (table.kind !== 'r' || table.away || !job.wanted(table)) return undefined;
  const resource = `${table.schema}.${table.name}`;
  if (!table.readable) {
    return new HoldfastError('item.denied', `${resource}: the role may not read it`, {
      resource,
      hint: 'Grant the role SELECT on it (or pg_read_all_data), or leave it out with exclude.',
    });
  }
  if (table.policed) {
    return new HoldfastError('item.denied', `${resource}: its row-level security hides rows from the role`, {
      resource,
      hint: 'Use a role with BYPASSRLS, or leave it out with exclude: a backup must not miss rows silently.',
    });
  }
  const query: Query = async <Row>(sql: string) => {
    // For one query only: whoever held a connection while he waits for others could wait for ever.
    const lent = await job.snapshot.lend();
    let state: 'usable' | 'broken' = 'broken';
    try {
      const { rows } = await lent.client.query(sql);
      state = 'usable';
      return rows as Row[];
    } finally {
      await lent.release(state);
    }
  };
  try {
    return await listPages(query, table, job.history, { most: job.connections, bytes: worthDividing });
  } catch (error) {
    // No connection is left: that is not this table's problem.
    if (error instanceof HoldfastError) throw error;
    return postgresError(error, `cannot read ${resource}`, resource);
  }
}

async function addTable(
  { sink, snapshot, connections, summaries }: TablesCapture,
  collection: CollectionSink,
  table: CatalogTable,
  list: PageList | HoldfastError | undefined,
): Promise<void> {
  const prefix = tablePrefix(table.name);
  const failed = list instanceof HoldfastError;
  const document = tableDocument(table, failed ? undefined : list?.layout);
  if (failed) sink.fail(list, { collection: schemaCollection(table.schema), key: prefix });
  const summarised = summaries(document);
  const summarise = (): PageSummary | undefined => summarised && pageSummary(summarised);
  const reader = createPageReader(snapshot, document, connections, summarise);
  for (const page of (failed ? undefined : list?.pages) ?? []) {
    await collection.add({
      key: `${prefix}${pagesFolder}${page.key}`,
      kind: 'blob',
      attributes: page.attributes,
      ...(page.fingerprint === undefined ? {} : { fingerprint: page.fingerprint }),
      load: () => reader.load(page),
    });
  }
  await collection.add({ key: `${prefix}${tableFile}`, kind: 'document', document: asJson(document) });
}
