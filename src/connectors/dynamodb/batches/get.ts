import { asBuffer } from '../../../kernel/bytes.ts';
import { createRowReader } from '../rows/read-rows.ts';
import type { BatchTable } from './calls.ts';
import type { KeyedItem } from './keyed-item.ts';
import { leftOf, untilNoneIsLeft } from './unprocessed.ts';

/** BatchGetItem takes this many keys. */
export const keysPerGet = 100;

/** An answer below this (bytes) that leaves keys for another call was not cut for its length (API reference, BatchGetItem). */
const cutAt = 1024 * 1024;

/**
 * Rows of the items as they are now (consistent reads), by entry key; those that are not there are absent. At most `keysPerGet`
 * items. Throws item.throttled and what the calls throw.
 */
export async function getRows(table: BatchTable, wanted: readonly KeyedItem[]): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const rowsOf = createRowReader(table.key);
  await untilNoneIsLeft(table, 'BatchGetItem', wanted, async (items) => {
    const { list, left } = await table.calls.get(items);
    for (const { key, row } of rowsOf(list)) found.set(asBuffer(key).toString('utf8'), row);
    return { left: leftOf(items, table.key, left), heldBack: left.length > 0 && list.length < cutAt };
  });
  return found;
}
