import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { deleteItems, writeItems } from './apply-items.ts';
import { applySettings, setTimeToLive, updateTable } from './apply-settings.ts';
import { createTable } from './create-table.ts';
import { importTable } from './import-table.ts';
import { restoreTable } from './restore-table.ts';
import type { DynamoOptions } from './options.ts';
import type { Extent } from './target.ts';

type Step = (
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
  extent: Extent,
) => Promise<ActionOutcome>;

const steps: Readonly<Record<string, Step>> = {
  'create-table': createTable,
  'import-table': importTable,
  'update-table': updateTable,
  'write-items': writeItems,
  'delete-items': deleteItems,
  'update-settings': applySettings,
  'enable-ttl': setTimeToLive,
  'disable-ttl': setTimeToLive,
};

/** Performs one action: each compares again with what is there, changes the difference, and reads it back. */
export async function apply(
  context: RestoreContext<DynamoOptions>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  if (action.operation === 'restore-table') return await restoreTable(context, captured, action);
  const step = steps[action.operation];
  if (step === undefined) {
    throw new HoldfastError('plan.invalid', `${action.operation} is no action of a DynamoDB table`, {
      resource: action.id,
    });
  }
  const { created } = (action.input ?? {}) as { readonly created?: boolean };
  return await step(context, captured, created === true ? 'everything' : context.mode);
}
