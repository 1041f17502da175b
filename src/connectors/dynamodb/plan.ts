import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { action } from './action.ts';
import { openBatches } from './batches/calls.ts';
import { keyAttributes } from './item-key.ts';
import { isCaptured, tableFile } from './ledger.ts';
import type { DynamoOptions } from './options.ts';
import { isMadeOf, originOf, refuseOther } from './origin.ts';
import { planCreation } from './plan-creation.ts';
import { planItems } from './plan-items.ts';
import { scopeOf } from './scope.ts';
import { ttlFile } from './settings.ts';
import { readState, wantedSettings, type TableState } from './state.ts';
import { fixedDifference, tableUpdates, targetTable } from './table-difference.ts';
import { readWanted, sameDocument, targetSetting, type Wanted } from './target.ts';

/** Compares a captured table with the target's: a missing one is created and filled, another one brought back. */
export async function plan(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  const wanted = await readWanted(context, captured);
  const state = await readState(context, wanted);
  const actions = await planActions(context, captured, wanted, state);
  // One after the other: items need the table, and time to live must not see them before the rest is done.
  return actions.map((action, i) => ({ ...action, dependsOn: actions.slice(Math.max(i - 1, 0), i).map((a) => a.id) }));
}

async function planActions(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
  wanted: Wanted,
  state: TableState | undefined,
): Promise<PlannedAction[]> {
  if (state === undefined) return await planCreation(context, captured, wanted, await originOf(context, captured));
  const { description } = state;
  if (description.RestoreSummary?.RestoreInProgress === true || context.at !== undefined) {
    const origin = await originOf(context, captured);
    // What an earlier attempt began is gone on with.
    if (isMadeOf(description, origin) && description.TableStatus === 'CREATING')
      return await planCreation(context, captured, wanted, origin);
    if (origin.from === 'moment') refuseOther(description, origin, wanted.name, wanted.resource);
  }
  return await planChanges(context, captured, state);
}

async function planChanges(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
  state: TableState,
): Promise<PlannedAction[]> {
  const scope = scopeOf(context);
  const wanted = await readWanted(context, captured, state.access.table.arn);
  const { name } = wanted;
  const before: PlannedAction[] = [];
  const after: PlannedAction[] = [];
  if (scope.hasFile(tableFile)) {
    refuseFixedDifference(wanted, state);
    const updates = tableUpdates(targetTable(wanted.table, state.table, context.mode), state.table);
    const list = updates.map((update) => update.what).join(', ');
    if (updates.length > 0) before.push(action(captured, 'update-table', 'update', `update table ${name}: ${list}`));
  }
  const different: string[] = [];
  for (const setting of wantedSettings(context)) {
    const live = state.documents.get(setting.file);
    const isKnown = isCaptured(captured, setting.file);
    const target = targetSetting(setting, wanted.documents.get(setting.file), live, context.mode, isKnown);
    const unread = state.unread.get(setting.file);
    if (!scope.hasFile(setting.file) || (unread === undefined && sameDocument(target, live))) continue;
    // What the target says about itself must be known before it is changed.
    if (unread !== undefined) throw unread;
    if (setting.file !== ttlFile) different.push(setting.title);
    else if (target !== undefined)
      after.push(action(captured, 'enable-ttl', 'update', `set time to live of table ${name}`));
    // Off before items are written: what it would delete is about to come back.
    else before.push(action(captured, 'disable-ttl', 'update', `turn time to live of table ${name} off`));
  }
  if (different.length > 0) {
    after.unshift(action(captured, 'update-settings', 'update', `set ${different.join(', ')} of table ${name}`));
  }
  // Data of another moment than the snapshot's differs from its items.
  const hasItems = scope.hasItems && context.at === undefined;
  const items = hasItems ? await planItemsOf(context, captured, state, scope.prefix) : [];
  return [...before, ...items, ...after];
}

async function planItemsOf(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
  { access, description }: TableState,
  prefix: Uint8Array | undefined,
): Promise<PlannedAction[]> {
  const batches = await openBatches(context, access.client, access.table, keyAttributes(description));
  return await planItems(context, { access, batches, description, captured, prefix });
}

function refuseFixedDifference(wanted: Wanted, state: TableState): void {
  const fixed = fixedDifference(wanted.table, state.table);
  if (fixed === undefined) return;
  throw new HoldfastError('item.conflict', `table ${wanted.name} is there, but ${fixed} cannot be changed`, {
    resource: wanted.resource,
    hint: 'Restore it under another name with --rename, or delete the table that is there.',
  });
}
