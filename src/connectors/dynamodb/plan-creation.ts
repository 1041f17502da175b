import { asBuffer } from '../../kernel/bytes.ts';
import type { CapturedResource, LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { action } from './action.ts';
import { isCaptured, itemsCollection, tableFile } from './ledger.ts';
import type { DynamoOptions } from './options.ts';
import type { Origin } from './origin.ts';
import { scopeOf } from './scope.ts';
import { ttlAttribute, ttlFile } from './settings.ts';
import { wantedSettings } from './state.ts';
import { describeKey } from './table-document.ts';
import type { Wanted } from './target.ts';

/** A table that is not there: schema, then items, then settings, and time to live last. */
export async function planCreation(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
  wanted: Wanted,
  origin: Origin,
): Promise<PlannedAction[]> {
  const scope = scopeOf(context);
  const { name, table, documents } = wanted;
  const indexes = (table.GlobalSecondaryIndexes?.length ?? 0) + (table.LocalSecondaryIndexes?.length ?? 0);
  const isRestored = origin.from !== 'items';
  const title = `table ${name} (${describeKey(table)}) in ${context.aws.region}`;
  const ledger = captured.ledger.filter((note) => note.class === 'new-identity' || note.what.startsWith('replicas'));
  const input = { origin: origin as unknown as Json };
  const hasItems = scope.hasItems && (origin.from === 'items' || origin.from === 'import');
  const ttl = scope.hasFile(ttlFile) ? ttlAttribute(documents.get(ttlFile)) : undefined;
  const { expired, ...count } = hasItems ? await countItems(context, captured, ttl) : noItems;
  const actions: PlannedAction[] = [];
  if (origin.from === 'items') {
    const more = indexes === 0 ? '' : `, ${indexes} indexes`;
    const told = { ledger: [...ledger, ...backupElsewhere(context, captured)] };
    actions.push(action(captured, 'create-table', 'create', `create ${title}${more}`, told));
  } else if (origin.from === 'import') {
    const { exportBucket, exportPrefix } = context.options;
    const how = `with ${count.items} items through s3://${exportBucket}/${exportPrefix}/`;
    actions.push(action(captured, 'import-table', 'create', `import ${title} ${how}`, { ledger, ...count }));
  } else {
    const how = describeOrigin(origin);
    actions.push(action(captured, 'restore-table', 'create', `restore ${title} ${how}`, { input, ledger }));
  }
  if (count.items > 0) {
    const told = { ledger: expired === 0 ? [] : [expiredNote(expired)] };
    const written = `write ${count.items} items to table ${name}`;
    const checked = `compare ${count.items} items of table ${name}, and write what was not imported`;
    actions.push(
      origin.from === 'import'
        ? action(captured, 'write-items', 'create', checked, told)
        : action(captured, 'write-items', 'create', written, { ...count, ...told }),
    );
  }
  const rest = wantedSettings(context).filter(
    ({ file }) =>
      documents.has(file) && scope.hasFile(file) && file !== ttlFile && (isRestored || file !== 'tags.json'),
  );
  const titles = rest.map((setting) => setting.title);
  if (isRestored && table.StreamSpecification !== undefined) titles.push('stream');
  if (table.DeletionProtectionEnabled === true && scope.hasFile(tableFile)) titles.push('deletion protection');
  // Of a restored table the schema is compared in any case: DynamoDB takes it from the backup, or from what the source is now.
  if (isRestored && titles.length === 0) titles.push('schema');
  if (titles.length > 0) {
    actions.push(action(captured, 'update-settings', 'update', `set ${titles.join(', ')} of table ${name}`, created));
  }
  if (documents.has(ttlFile) && scope.hasFile(ttlFile)) {
    actions.push(action(captured, 'enable-ttl', 'update', `set time to live of table ${name}`, created));
  }
  return actions;
}

function describeOrigin(origin: Origin): string {
  if (origin.from === 'backup') {
    const at = origin.at === undefined ? '' : ` (as of ${new Date(origin.at).toISOString()})`;
    return `from backup ${origin.name}${at}`;
  }
  return origin.from === 'moment' ? `as it was at ${new Date(origin.at).toISOString()}` : '';
}

/** A backup that cannot be used, where it is the only thing that holds the items. */
function backupElsewhere(context: RestoreContext<DynamoOptions>, captured: CapturedResource): LedgerNote[] {
  const { account } = captured.ref;
  const [point] = captured.points ?? [];
  if (!point || context.aws.account === account || isCaptured(captured, itemsCollection)) return [];
  return [
    {
      class: 'needs-human',
      what: 'items of the table',
      why: `they are in the backup ${point.name} only, which DynamoDB does not restore outside account ${account}`,
      action: `Restore it in account ${account}, and export it from there into this one.`,
    },
  ];
}

/** Nothing of a table that this plan creates is somebody else's: whatever the mode, it becomes as it was. */
const created = { input: { created: true } };

const noItems = { items: 0, bytes: 0, expired: 0 };

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
