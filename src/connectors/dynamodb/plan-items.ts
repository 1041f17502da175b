import type { PlannedAction, RestoreContext } from '../contract.ts';
import { action } from './action.ts';
import { compareBatch, forEachBatch, forEachExtra, type ComparedTable } from './item-difference.ts';
import { isCaptured, itemsCollection } from './ledger.ts';
import type { DynamoOptions } from './options.ts';

/** Counts what differs; the actions find it again when they run, so that a plan is small and never stale by one item. */
export async function planItems(
  context: RestoreContext<DynamoOptions>,
  table: ComparedTable,
): Promise<PlannedAction[]> {
  const { captured } = table;
  const { name } = table.access.table;
  const count = { missing: 0, changed: 0, extra: 0, bytes: 0 };
  await forEachBatch(captured, table.prefix, async (batch) => {
    const { missing, changed } = await compareBatch(table, batch);
    count.missing += missing.length;
    const written = [...missing];
    if (context.mode !== 'create-missing') {
      count.changed += changed.length;
      written.push(...changed);
    }
    for (const { row } of written) count.bytes += row.length;
  });
  // Where the snapshot does not know every item, what it lacks is no proof that an item is new.
  if (context.mode === 'exact' && isCaptured(captured, itemsCollection)) {
    await forEachExtra(context, table, async (extra) => {
      count.extra += extra.length;
    });
  }
  const actions: PlannedAction[] = [];
  const items = count.missing + count.changed;
  if (items > 0) {
    const parts = [
      ...(count.missing > 0 ? [`${count.missing} missing`] : []),
      ...(count.changed > 0 ? [`${count.changed} changed`] : []),
    ].join(', ');
    const effect = count.changed > 0 ? 'update' : 'create';
    const title = `write ${items} items to table ${name} (${parts})`;
    actions.push(action(captured, 'write-items', effect, title, { items, bytes: count.bytes }));
  }
  if (count.extra > 0) {
    const title = `delete ${count.extra} items from table ${name} that the snapshot does not hold`;
    actions.push(action(captured, 'delete-items', 'delete', title, { items: count.extra }));
  }
  return actions;
}
