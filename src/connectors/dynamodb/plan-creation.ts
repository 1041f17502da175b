import { asBuffer } from '../../kernel/bytes.ts';
import type { CapturedResource, LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { action } from './action.ts';
import { itemsCollection } from './capture.ts';
import type { DynamoOptions } from './options.ts';
import { scopeOf } from './scope.ts';
import { ttlAttribute, ttlFile } from './settings.ts';
import { tableFile, wantedSettings } from './state.ts';
import { describeKey } from './table-document.ts';
import type { Wanted } from './target.ts';

/** A table that is not there: schema, then items, then settings, and time to live last. */
export async function planCreation(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
  wanted: Wanted,
): Promise<PlannedAction[]> {
  const scope = scopeOf(context);
  const { name, table, documents } = wanted;
  const indexes = (table.GlobalSecondaryIndexes?.length ?? 0) + (table.LocalSecondaryIndexes?.length ?? 0);
  const actions = [
    action(
      captured,
      'create-table',
      'create',
      `create table ${name} (${describeKey(table)}) in ${context.aws.region}${indexes === 0 ? '' : `, ${indexes} indexes`}`,
      { ledger: captured.ledger.filter((note) => note.class === 'new-identity' || note.what.startsWith('replicas')) },
    ),
  ];
  if (scope.hasItems) {
    const hasTtl = scope.hasFile(ttlFile);
    const count = await countItems(context, captured, hasTtl ? ttlAttribute(documents.get(ttlFile)) : undefined);
    const ledger = count.expired === 0 ? [] : [expiredNote(count.expired)];
    if (count.items > 0) {
      actions.push(
        action(captured, 'write-items', 'create', `write ${count.items} items to table ${name}`, {
          items: count.items,
          bytes: count.bytes,
          ledger,
        }),
      );
    }
  }
  const rest = wantedSettings(context).filter(
    ({ file }) => documents.has(file) && scope.hasFile(file) && file !== ttlFile && file !== 'tags.json',
  );
  const titles = rest.map((setting) => setting.title);
  if (table.DeletionProtectionEnabled === true && scope.hasFile(tableFile)) titles.push('deletion protection');
  if (titles.length > 0) {
    actions.push(action(captured, 'update-settings', 'update', `set ${titles.join(', ')} of table ${name}`, created));
  }
  if (documents.has(ttlFile) && scope.hasFile(ttlFile)) {
    actions.push(action(captured, 'enable-ttl', 'update', `set time to live of table ${name}`, created));
  }
  return actions;
}

/** Nothing of a table that this plan creates is somebody else's: whatever the mode, it becomes as it was. */
const created = { input: { created: true } };

async function countItems(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
  ttl: string | undefined,
): Promise<{ readonly items: number; readonly bytes: number; readonly expired: number }> {
  const { prefix } = scopeOf(context);
  const now = context.runtime.clock.now() / 1000;
  let items = 0;
  let bytes = 0;
  let expired = 0;
  for await (const entry of captured.entries(itemsCollection, prefix === undefined ? {} : { prefix })) {
    items++;
    bytes += entry.size;
    if (ttl === undefined) continue;
    const item = JSON.parse(asBuffer(await captured.bytes(entry)).toString('utf8')) as Json;
    if (isExpired(item, ttl, now)) expired++;
  }
  return { items, bytes, expired };
}

/** DynamoDB leaves items alone whose time lies more than five years back (developer guide, time to live). */
const oldestExpirySeconds = 5 * 365 * 24 * 3600;

function isExpired(item: Json, ttl: string, now: number): boolean {
  const value = (item as Readonly<Record<string, { readonly N?: string } | undefined>>)[ttl]?.N;
  const time = value === undefined ? Number.NaN : Number(value);
  return time < now && time > now - oldestExpirySeconds;
}

function expiredNote(count: number): LedgerNote {
  return {
    class: 'lost',
    what: 'items past their time to live',
    why: 'DynamoDB deletes them once time to live is on again',
    action: 'To keep them, restore them to a directory.',
    count,
  };
}
