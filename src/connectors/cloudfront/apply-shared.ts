import type { CloudFront } from '@aws-sdk/client-cloudfront';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction } from '../contract.ts';
import { applyFunction } from './functions-restore.ts';
import { sharedWriters } from './shared-write.ts';
import { moved, sameConfig, sharedReference, sharedTarget, type Context } from './shared-target.ts';

/** Creates or changes one shared thing and finds it in the listing again as it should be. */
export async function applyShared(
  context: Context,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  if (action.operation === 'put-function') return await applyFunction(context, action, captured);
  const { key } = action.input as { readonly key: string };
  const folder = key.slice(0, key.indexOf('/'));
  const needed = new Set([folder, ...(sharedWriters.find((one) => one.folder === folder)?.after ?? [])]);
  const target = await sharedTarget(context, captured, (one) => needed.has(one));
  const { client, items, translate } = target;
  const resource = `${target.resource}/${key}`;
  const item = items.find((one) => one.key === key);
  if (!item) throw new HoldfastError('plan.invalid', `the snapshot has no ${resource}`, { resource });
  const { writer, document, oldId, live } = item;
  const name = writer.nameOf(document);
  const wanted = renamed(translate(document), name, context);
  const config = writer.config(wanted);
  if (live && (context.mode === 'create-missing' || sameConfig(writer, wanted, live.document)))
    return { result: 'unchanged', ...identities(moved(writer, oldId, document, live)) };
  if (live) await required(writer.update(client, live.id, config, live.document), writer.updateOperation, resource);
  else await required(writer.create(client, config, sharedReference(oldId)), writer.createOperation, resource);

  const again = await found(context, captured, folder, key);
  if (!again?.live || !sameConfig(writer, wanted, again.live.document)) {
    throw new HoldfastError('item.changed', `${resource} was written but reads back otherwise`, { resource });
  }
  if (folder === 'key-value-stores') await untilReady(context, target.client, again.live.id, resource);
  return { result: 'done', ...identities(moved(writer, oldId, document, again.live)), items: 1 };
}

async function found(context: Context, captured: CapturedResource, folder: string, key: string) {
  const { items } = await sharedTarget(context, captured, (one) => one === folder);
  return items.find((one) => one.key === key);
}

function renamed<T extends object>(document: T, name: string | undefined, context: Context): T {
  const now = name === undefined ? undefined : context.rename(name);
  if (now === undefined || now === name) return document;
  return JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    key === 'Name' && value === name ? now : value,
  ) as T;
}

function identities(all: readonly (readonly [string, string])[]): Pick<ActionOutcome, 'class' | 'identities' | 'note'> {
  const changed = all.filter(([from, to]) => from !== to).map(([from, to]) => ({ from, to }));
  if (changed.length === 0) return { class: 'exact' };
  const note = changed.map(({ from, to }) => `${from} is ${to} now`).join('; ');
  return { class: 'new-identity', note, identities: changed };
}

const patience = 60_000;
const pause = 2_000;

/** A store takes some seconds to be made, and no function can be given one before. */
async function untilReady(
  { runtime, signal }: Context,
  client: CloudFront,
  id: string,
  resource: string,
): Promise<void> {
  const until = runtime.clock.now() + patience;
  for (;;) {
    const { KeyValueStoreList } = await required(client.listKeyValueStores({}), 'ListKeyValueStores', resource);
    const status = KeyValueStoreList?.Items?.find((one) => one.Id === id)?.Status;
    if (status === undefined || status === 'READY') return;
    if (runtime.clock.now() >= until)
      throw new HoldfastError('item.unavailable', `${resource} was created and is still ${status}`, { resource });
    await runtime.clock.sleep(pause, signal);
  }
}
