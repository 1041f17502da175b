import type { CapturedResource } from '../../kernel/entry.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import type { Operation } from './action.ts';
import { createDatabase, setDatabase } from './apply-database.ts';
import { createAfterRows, createBefore, createRoles } from './apply-definitions.ts';
import { refreshViews } from './refresh-views.ts';
import { writeRows } from './apply-rows.ts';
import { setSequences, writeLargeObjects } from './apply-values.ts';
import { postgresError } from './errors.ts';
import { placeOf, type PostgresOptions } from './options.ts';
import { applyTenant } from './tenants/index.ts';
import { findTarget, type Target } from './target.ts';

export interface ApplyJob {
  readonly context: RestoreContext<PostgresOptions>;
  readonly captured: CapturedResource;
  readonly target: Target;
}

const steps: Readonly<Record<Operation, (job: ApplyJob) => Promise<ActionOutcome>>> = {
  'create-roles': createRoles,
  'create-database': createDatabase,
  'set-database': setDatabase,
  'create-definitions': createBefore,
  'write-rows': writeRows,
  'write-large-objects': writeLargeObjects,
  'set-sequences': setSequences,
  'create-after-rows': createAfterRows,
  'refresh-views': refreshViews,
};

/** Performs one step. Each looks anew at what is to be done, so that it may be repeated after dying anywhere. */
export async function apply(
  context: RestoreContext<PostgresOptions>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const target = await findTarget(context, captured);
  const { tenant } = context;
  if (tenant !== undefined) return await applyTenant(context, tenant, action, { captured, url: target.url });
  try {
    return await steps[action.operation as Operation]({ context, captured, target });
  } catch (error) {
    context.signal.throwIfAborted();
    throw postgresError(error, action.title, placeOf(target.url));
  }
}
