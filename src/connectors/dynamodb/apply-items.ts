import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome, RestoreContext } from '../contract.ts';
import { openBatches } from './batches/calls.ts';
import { getRows, keysPerGet } from './batches/get.ts';
import { keyOnly, type KeyedItem } from './batches/keyed-item.ts';
import { writeItemsOf } from './batches/write.ts';
import {
  compareBatch,
  forEachBatch,
  forEachExtra,
  isEmpty,
  type ComparedBatch,
  type ComparedTable,
} from './item-difference.ts';
import type { RecordedItems } from './undo.ts';
import { asTheyAre, recordDeletes, recordWrites } from './undo-items.ts';
import { keyAttributes } from './item-key.ts';
import { isCaptured, itemsCollection } from './ledger.ts';
import type { DynamoOptions } from './options.ts';
import { scopeOf } from './scope.ts';
import { readWanted } from './target.ts';
import { dynamoClient, scalingClient } from './calls.ts';
import { waitActive } from './tables.ts';

/** Failures that are listed one by one; the rest is one line with their number. */
const mostFailures = 100;

/** Writes the captured items that are missing at the target, and (but for create-missing) those that differ. */
export async function writeItems(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const table = await openTable(context, captured);
  const { table: where } = table.access;
  const failures = collectFailures(where.resource);
  const recorded = await recordWrites(context, table);
  const fresh = await isEmpty(table);
  let items = 0;
  let bytes = 0;
  await forEachBatch(captured, table.prefix, async (batch) => {
    const { missing, changed, live } = fresh ? allMissing(batch) : await compareBatch(table, batch);
    const wanted = context.mode === 'create-missing' ? missing : [...missing, ...changed];
    const written = wanted.filter((item) => recorded?.has(item, live.get(item.key)) ?? true);
    for (const one of wanted) if (!written.includes(one)) failures.add(changedMeanwhile(where, one.key));
    if (written.length === 0) return;
    const refused = new Map<unknown, HoldfastError>();
    for (const { item, error } of await writeItemsOf(table.batches, 'put', written)) refused.set(item, error);
    const wrong = await compareBatch(table, written);
    const bad = new Set([...wrong.missing, ...wrong.changed]);
    for (const captured of written) {
      if (!bad.has(captured)) {
        items++;
        bytes += captured.row.length;
      }
    }
    for (const captured of bad) {
      const resource = `${where.resource}/${itemsCollection}/${captured.key}`;
      const cause = refused.get(captured);
      failures.add(
        cause === undefined
          ? new HoldfastError('item.changed', `${captured.key} was written, but reads back differently`, { resource })
          : new HoldfastError(cause.code, `${captured.key} was not written: ${cause.message}`, { resource, cause }),
      );
    }
  });
  return { result: items > 0 ? 'done' : 'unchanged', class: 'exact', items, bytes, ...failures.found() };
}

/** Deletes the items that the snapshot does not hold. */
export async function deleteItems(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const table = await openTable(context, captured);
  const { table: where } = table.access;
  if (context.mode !== 'exact' || !isCaptured(captured, itemsCollection)) {
    throw new HoldfastError('plan.invalid', `items of ${where.name} are deleted with --mode exact only`, {
      resource: where.resource,
    });
  }
  const { key } = table.batches;
  const failures = collectFailures(where.resource);
  let items = 0;
  const recorded = await recordDeletes(context, table);
  await forEachExtra(context, table, async (extra) => {
    for (let at = 0; at < extra.length; at += keysPerGet) {
      const found = extra.slice(at, at + keysPerGet).map((item) => keyOnly(key, item));
      const gone = recorded ? await unchanged(found, recorded) : found;
      await writeItemsOf(table.batches, 'delete', gone);
      const left = await getRows(table.batches, gone);
      items += gone.length - left.size;
      for (const name of left.keys()) {
        failures.add(
          new HoldfastError('item.changed', `${name} was deleted from ${where.name}, but is there still`, {
            resource: `${where.resource}/${itemsCollection}/${name}`,
          }),
        );
      }
    }
  });
  return { result: items > 0 ? 'done' : 'unchanged', class: 'exact', items, ...failures.found() };

  /** Those that are as what takes the restore back has them. */
  async function unchanged(found: readonly KeyedItem[], recorded: RecordedItems): Promise<readonly KeyedItem[]> {
    const own: KeyedItem[] = [];
    for (const before of await asTheyAre(table, found)) {
      if (recorded.has(before.item, before.there)) own.push(before.item);
      else failures.add(changedMeanwhile(where, before.item.key));
    }
    return own;
  }
}

function allMissing(batch: readonly KeyedItem[]): ComparedBatch {
  return { missing: batch, changed: [], live: new Map() };
}

function changedMeanwhile({ resource }: { readonly resource: string }, key: string): HoldfastError {
  return new HoldfastError(
    'item.changed',
    `${key} changed after what takes the restore back was written: it was left alone`,
    { resource: `${resource}/${itemsCollection}/${key}`, hint: 'Run the same restore again.' },
  );
}

async function openTable(context: RestoreContext<DynamoOptions>, captured: CapturedResource): Promise<ComparedTable> {
  const client = await dynamoClient(context.aws);
  const wanted = await readWanted(context, captured);
  const description = await waitActive(context, client, wanted);
  const table = { name: wanted.name, resource: wanted.resource, arn: description.TableArn ?? '' };
  const access = { client, scaling: await scalingClient(context.aws), table, indexes: [] };
  const batches = await openBatches(context, client, table, keyAttributes(description));
  return { access, batches, description, captured, prefix: scopeOf(context).prefix };
}

function collectFailures(resource: string): {
  add(error: HoldfastError): void;
  found(): { readonly failures?: readonly HoldfastError[] };
} {
  const listed: HoldfastError[] = [];
  let more = 0;
  return {
    add(error) {
      if (listed.length < mostFailures) listed.push(error);
      else more++;
    },
    found() {
      if (listed.length === 0) return {};
      if (more === 0) return { failures: listed };
      const rest = new HoldfastError('item.unavailable', `${more} more items failed`, { resource });
      return { failures: [...listed, rest] };
    },
  };
}
