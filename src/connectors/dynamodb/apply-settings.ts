import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { ActionOutcome, RestoreContext } from '../contract.ts';
import { isCaptured, tableFile } from './ledger.ts';
import type { DynamoOptions } from './options.ts';
import { scopeOf } from './scope.ts';
import { ttlFile } from './settings.ts';
import type { Setting } from './setting.ts';
import { readState, wantedSettings, type TableState } from './state.ts';
import { tableUpdates, targetTable } from './table-difference.ts';
import { readWanted, sameDocument, targetSetting, type Extent, type Wanted } from './target.ts';
import { describeTable, waitActive, waitUntil } from './tables.ts';

type Context = RestoreContext<DynamoOptions>;

/** From the change of a setting to the moment at which reading shows it. */
const settingLimitMs = 10 * 60_000;

/** Brings what UpdateTable can change to what was captured, one call at a time. */
export async function updateTable(
  context: Context,
  captured: CapturedResource,
  extent: Extent,
): Promise<ActionOutcome> {
  const { wanted, state } = await openState(context, captured);
  return outcome(await updateSchema(context, wanted, state, extent));
}

/** Every setting but time to live; and for a table this restore created, what its creation left out. */
export async function applySettings(
  context: Context,
  captured: CapturedResource,
  extent: Extent,
): Promise<ActionOutcome> {
  const { wanted, state } = await openState(context, captured);
  const scope = scopeOf(context);
  let changes = 0;
  for (const setting of wantedSettings(context)) {
    if (setting.file === ttlFile || !scope.hasFile(setting.file)) continue;
    if (await applySetting(context, captured, wanted, state, setting, extent)) changes++;
  }
  if (extent === 'everything' && scope.hasFile(tableFile)) {
    changes += await updateSchema(context, wanted, state, extent);
  }
  if (extent !== 'everything') return outcome(changes);
  const identities = await newStream(state, wanted);
  if (identities.length === 0) return outcome(changes);
  const note = identities.map(({ to }) => to).join(', ');
  return { result: changes > 0 ? 'done' : 'unchanged', class: 'new-identity', note: `now ${note}`, identities };
}

/** The stream of a table that DynamoDB restored is turned on here, and so has its ARN only now. */
async function newStream(
  { access }: TableState,
  { streamArn: from, name, resource }: Wanted,
): Promise<{ readonly from: string; readonly to: string }[]> {
  if (from === undefined) return [];
  const to = (await describeTable(access.client, name, resource))?.LatestStreamArn;
  return to === undefined || to === from ? [] : [{ from, to }];
}

export async function setTimeToLive(
  context: Context,
  captured: CapturedResource,
  extent: Extent,
): Promise<ActionOutcome> {
  const { wanted, state } = await openState(context, captured);
  const setting = wantedSettings(context).find(({ file }) => file === ttlFile);
  if (setting === undefined) return outcome(0);
  return outcome((await applySetting(context, captured, wanted, state, setting, extent)) ? 1 : 0);
}

async function openState(
  context: Context,
  captured: CapturedResource,
): Promise<{ readonly wanted: Wanted; readonly state: TableState }> {
  const { name, resource } = await readWanted(context, captured);
  const state = await readState(context, { name, resource });
  if (state === undefined) {
    throw new HoldfastError('item.not-found', `table ${name} is not there any more`, { resource });
  }
  return { wanted: await readWanted(context, captured, state.access.table.arn), state };
}

async function updateSchema(context: Context, wanted: Wanted, state: TableState, extent: Extent): Promise<number> {
  const target = targetTable(wanted.table, state.table, extent);
  const updates = tableUpdates(target, state.table);
  for (const { input } of updates) {
    await waitActive(context, state.access.client, wanted);
    await required(
      state.access.client.updateTable({ TableName: wanted.name, ...input }),
      'UpdateTable',
      wanted.resource,
    );
  }
  if (updates.length === 0) return 0;
  await waitActive(context, state.access.client, wanted);
  const now = await readState(context, wanted);
  const left = now === undefined ? updates : tableUpdates(target, now.table);
  if (left.length > 0) {
    const list = left.map((update) => update.what).join(', ');
    throw new HoldfastError(
      'item.unreadable',
      `UpdateTable of ${wanted.name} was accepted, but differs still: ${list}`,
      {
        resource: wanted.resource,
      },
    );
  }
  return updates.length;
}

async function applySetting(
  context: Context,
  captured: CapturedResource,
  wanted: Wanted,
  state: TableState,
  setting: Setting,
  extent: Extent,
): Promise<boolean> {
  const unread = state.unread.get(setting.file);
  if (unread !== undefined) throw unread;
  const before = state.documents.get(setting.file);
  const isKnown = isCaptured(captured, setting.file);
  const target = targetSetting(setting, wanted.documents.get(setting.file), before, extent, isKnown);
  if (sameDocument(target, before)) return false;
  await setting.write(state.access, target, before);
  let live: Json | undefined = before;
  await waitUntil(
    context,
    `the ${setting.title} of ${wanted.name} taking effect`,
    wanted.resource,
    settingLimitMs,
    async () => {
      live = await setting.read(state.access);
      if (sameDocument(target, live)) return true;
      if (setting.isRepeatable === true) await setting.write(state.access, target, live);
      return false;
    },
  );
  return true;
}

function outcome(changes: number): ActionOutcome {
  return { result: changes > 0 ? 'done' : 'unchanged', class: 'exact' };
}
