import { isCode, isItemError, type HoldfastError } from '../../../kernel/errors.ts';
import type { BatchTable, Change } from './calls.ts';
import type { KeyedItem } from './keyed-item.ts';
import { leftOf, untilNoneIsLeft } from './unprocessed.ts';

/** BatchWriteItem takes this many requests. */
const requestsPerWrite = 25;

/** One of the items given, and why DynamoDB would not have it. */
export interface Refused<T> {
  readonly item: T;
  readonly error: HoldfastError;
}

/**
 * Puts or deletes the items, all at the same time in batches of 25. What DynamoDB leaves unprocessed is sent again. A batch
 * that it refuses because of one of its items is sent item by item, so that one bad item costs one item: returns those.
 */
export async function writeItemsOf<T extends KeyedItem>(
  table: BatchTable,
  change: Change,
  items: readonly T[],
): Promise<Refused<T>[]> {
  const batches: (readonly T[])[] = [];
  for (let at = 0; at < items.length; at += requestsPerWrite) batches.push(items.slice(at, at + requestsPerWrite));
  const refused = await Promise.all(
    batches.map(async (batch) => {
      try {
        await writeBatch(table, change, batch);
        return [];
      } catch (error) {
        if (!isCode(error, 'item.invalid')) throw error;
        return await writeSingly(table, change, batch);
      }
    }),
  );
  return refused.flat();
}

async function writeSingly<T extends KeyedItem>(
  table: BatchTable,
  change: Change,
  batch: readonly T[],
): Promise<Refused<T>[]> {
  const refused: Refused<T>[] = [];
  for (const item of batch) {
    try {
      await writeBatch(table, change, [item]);
    } catch (error) {
      if (!isItemError(error)) throw error;
      refused.push({ item, error });
    }
  }
  return refused;
}

async function writeBatch(table: BatchTable, change: Change, batch: readonly KeyedItem[]): Promise<void> {
  await untilNoneIsLeft(table, 'BatchWriteItem', batch, async (items) => {
    const left = await table.calls.write(change, items);
    return { left: leftOf(items, table.key, left), heldBack: left.length > 0 };
  });
}
