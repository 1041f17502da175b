import { handedOver } from '../../kernel/concurrency.ts';
import type { RestoreContext } from '../contract.ts';
import { getRows, keysPerGet } from './batches/get.ts';
import { keyOnly, type KeyedItem } from './batches/keyed-item.ts';
import { compareBatch, forEachBatch, forEachExtra, type ComparedTable } from './item-difference.ts';
import type { DynamoOptions } from './options.ts';
import { recordUndo, type ItemBefore, type RecordedItems, type UndoneTable } from './undo.ts';

type Context = RestoreContext<DynamoOptions>;

/** Of the items that are about to be written. Undefined: nobody asked for it. */
export async function recordWrites(context: Context, table: ComparedTable): Promise<RecordedItems | undefined> {
  if (!context.undo) return undefined;
  const changes = handedOver<readonly ItemBefore[]>(async (put) => {
    await forEachBatch(table.captured, table.prefix, async (batch) => {
      const { missing, changed, live } = await compareBatch(table, batch);
      const others = context.mode === 'create-missing' ? [] : changed;
      await put([...missing, ...others].map((item) => ({ item, there: live.get(item.key) })));
    });
  });
  return await recordUndo(context.undo, '.write-items', undone(context, table), changes);
}

/** Of the items that are about to be deleted. */
export async function recordDeletes(context: Context, table: ComparedTable): Promise<RecordedItems | undefined> {
  if (!context.undo) return undefined;
  const changes = handedOver<readonly ItemBefore[]>(async (put) => {
    await forEachExtra(context, table, async (extra) => {
      for (let at = 0; at < extra.length; at += keysPerGet)
        await put(
          await asTheyAre(
            table,
            extra.slice(at, at + keysPerGet).map((item) => keyOnly(table.batches.key, item)),
          ),
        );
    });
  });
  return await recordUndo(context.undo, '.delete-items', undone(context, table), changes);
}

/** The items with these keys, at most `keysPerGet`, that are still there. */
export async function asTheyAre({ batches }: ComparedTable, items: readonly KeyedItem[]): Promise<ItemBefore[]> {
  const rows = await getRows(batches, items);
  return items.flatMap((item) => (rows.has(item.key) ? [{ item, there: rows.get(item.key) }] : []));
}

function undone({ aws }: Context, { access, batches }: ComparedTable): UndoneTable {
  return { name: access.table.name, key: batches.key, region: aws.region, account: aws.account };
}
