import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { asBuffer, compareBytes, equalBytes, utf8 } from '../../kernel/bytes.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { itemsCollection } from './ledger.ts';
import type { BatchTable } from './batches/calls.ts';
import { getRows, keysPerGet } from './batches/get.ts';
import { keyedItem, parsedRow, type KeyedItem } from './batches/keyed-item.ts';
import { itemFromJson, sameItem, type Item } from './item-json.ts';
import { entryKey } from './item-key.ts';
import type { DynamoOptions } from './options.ts';
import { scanTable, segmentsFor } from './scan.ts';
import type { SettingAccess } from './setting.ts';

const batchesAtOnce = 8;

/** A table whose items are compared with those of a snapshot. */
export interface ComparedTable {
  readonly access: SettingAccess;
  readonly batches: BatchTable;
  readonly description: TableDescription;
  readonly captured: CapturedResource;
  /** Only items whose entry keys start with this. */
  readonly prefix: Uint8Array | undefined;
}

export interface ComparedBatch {
  readonly missing: readonly KeyedItem[];
  readonly changed: readonly KeyedItem[];
  /** Rows as they are at the target. */
  readonly live: ReadonlyMap<string, Uint8Array>;
}

/** Captured items in batches for BatchGetItem, several batches at a time; memory holds those only. */
export async function forEachBatch(
  captured: CapturedResource,
  prefix: Uint8Array | undefined,
  work: (batch: readonly KeyedItem[]) => Promise<void>,
): Promise<void> {
  await forEachConcurrent(batchesOf(captured, prefix), batchesAtOnce, async (entries) => {
    await work(await Promise.all(entries.map((entry) => readItem(captured, entry))));
  });
}

/** Which of the batch are not at the target, and which are there with another content: `live`, by key. */
export async function compareBatch({ batches }: ComparedTable, batch: readonly KeyedItem[]): Promise<ComparedBatch> {
  const live = await getRows(batches, batch);
  const missing: KeyedItem[] = [];
  const changed: KeyedItem[] = [];
  for (const captured of batch) {
    const there = live.get(captured.key);
    if (there === undefined) missing.push(captured);
    else if (!sameRow(there, captured)) changed.push(captured);
  }
  return { missing, changed, live };
}

/** Equal items have equal rows, but for those of snapshots that were not written by a scan. */
function sameRow(live: Uint8Array, { row, item }: KeyedItem): boolean {
  return equalBytes(live, row) || sameItem(itemFromJson(parsedRow(live)), item());
}

/** Scans the target's keys; calls `work` with the items of a page that the snapshot does not hold. */
export async function forEachExtra(
  context: RestoreContext<DynamoOptions>,
  { access, batches, description, captured, prefix }: ComparedTable,
  work: (keys: readonly Item[]) => Promise<void>,
): Promise<void> {
  const { key } = batches;
  await scanTable(context, access.table, {
    segments: context.options.segments ?? segmentsFor(description.TableSizeBytes ?? 0),
    consistent: true,
    only: key,
    scan: (input) => access.client.scan(input),
    async onPage({ Items: items = [] }) {
      const extra: Item[] = [];
      await forEachConcurrent(items, 32, async (item) => {
        const name = entryKey(key, item);
        if (hasPrefix(name, prefix) && (await captured.entry(itemsCollection, name)) === undefined) extra.push(item);
      });
      if (extra.length > 0) await work(extra);
    },
  });
}

/** True when the table holds nothing: then nothing needs to be compared. */
export async function isEmpty({ access }: ComparedTable): Promise<boolean> {
  const { client, table } = access;
  const page = await required(
    client.scan({ TableName: table.name, Limit: 1, ConsistentRead: true }),
    'Scan',
    table.resource,
  );
  return (page.Items ?? []).length === 0 && page.LastEvaluatedKey === undefined;
}

async function* batchesOf(
  captured: CapturedResource,
  prefix: Uint8Array | undefined,
): AsyncGenerator<readonly CapturedEntry[]> {
  let batch: CapturedEntry[] = [];
  for await (const entry of captured.entries(itemsCollection, prefix === undefined ? {} : { prefix })) {
    batch.push(entry);
    if (batch.length < keysPerGet) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function readItem(captured: CapturedResource, entry: CapturedEntry): Promise<KeyedItem> {
  return keyedItem(asBuffer(entry.key).toString('utf8'), await captured.bytes(entry));
}

function hasPrefix(key: string, prefix: Uint8Array | undefined): boolean {
  if (prefix === undefined) return true;
  return compareBytes(utf8(key).subarray(0, prefix.length), prefix) === 0;
}
