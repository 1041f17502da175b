import type { WriteRequest } from '@aws-sdk/client-dynamodb';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome, RestoreContext } from '../contract.ts';
import { getRows, keysPerGet } from './batch-get.ts';
import { writeRequests } from './batch-write.ts';
import { compareBatch, forEachBatch, forEachExtra, isEmpty, type ComparedTable } from './item-difference.ts';
import type { Item } from './item-json.ts';
import { keyAttributes, primaryKey } from './item-key.ts';
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
  const { client, table: where } = table.access;
  const fresh = await isEmpty(table);
  const failures = collectFailures(where.resource);
  let items = 0;
  let bytes = 0;
  await forEachBatch(captured, table.prefix, async (batch) => {
    const { missing, changed } = fresh ? { missing: batch, changed: [] } : await compareBatch(context, table, batch);
    const written = context.mode === 'create-missing' ? missing : [...missing, ...changed];
    if (written.length === 0) return;
    const requests = written.map(({ item }): WriteRequest => ({ PutRequest: { Item: { ...item } } }));
    const refused = new Map<unknown, HoldfastError>();
    for (const { request, error } of await writeRequests(context, client, where, requests)) {
      refused.set(written[requests.indexOf(request)], error);
    }
    const wrong = await compareBatch(context, table, written);
    const bad = new Set([...wrong.missing, ...wrong.changed]);
    for (const captured of written) {
      if (!bad.has(captured)) {
        items++;
        bytes += captured.bytes;
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
  const { client, table: where } = table.access;
  if (context.mode !== 'exact' || !isCaptured(captured, itemsCollection)) {
    throw new HoldfastError('plan.invalid', `items of ${where.name} are deleted with --mode exact only`, {
      resource: where.resource,
    });
  }
  const key = keyAttributes(table.description);
  const failures = collectFailures(where.resource);
  let items = 0;
  await forEachExtra(context, table, async (extra) => {
    for (let at = 0; at < extra.length; at += keysPerGet) {
      const keys: readonly Item[] = extra.slice(at, at + keysPerGet);
      const requests = keys.map((item): WriteRequest => ({ DeleteRequest: { Key: primaryKey(key, item) } }));
      await writeRequests(context, client, where, requests);
      const left = await getRows(context, client, where, key, keys);
      items += keys.length - left.size;
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
}

async function openTable(context: RestoreContext<DynamoOptions>, captured: CapturedResource): Promise<ComparedTable> {
  const client = await dynamoClient(context.aws);
  const wanted = await readWanted(context, captured);
  const description = await waitActive(context, client, wanted);
  const table = { name: wanted.name, resource: wanted.resource, arn: description.TableArn ?? '' };
  const access = { client, scaling: await scalingClient(context.aws), table, indexes: [] };
  return { access, description, captured, prefix: scopeOf(context).prefix };
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
