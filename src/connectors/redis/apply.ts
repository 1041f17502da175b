import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { deleteKeys } from './delete-keys.ts';
import { restoreFunctions } from './functions-restore.ts';
import { databaseOf } from './key-entry.ts';
import type { RedisOptions } from './options.ts';
import { withTarget } from './target.ts';
import { writeKeys } from './write-keys.ts';

/** Performs one action: compares again, does what is still to be done, and reads it back. */
export async function apply(
  context: RestoreContext<RedisOptions>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  return await withTarget(context, captured, async (job) => {
    if (action.operation === 'write-functions') return await restoreFunctions(job);
    const input = action.input as Readonly<Record<string, Json | undefined>> | null;
    const collection = typeof input?.['collection'] === 'string' ? input['collection'] : '';
    const database = databaseOf(collection);
    if (database !== undefined && action.operation === 'write-keys') return await writeKeys(job, collection);
    if (database !== undefined && action.operation === 'delete-keys' && context.mode === 'exact') {
      return await deleteKeys(job, database);
    }
    throw new HoldfastError('plan.invalid', `${action.id}: ${action.operation} is no action of a redis source`);
  });
}
