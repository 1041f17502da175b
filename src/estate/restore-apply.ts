import type { ActionOutcome, PlannedAction } from '../connectors/contract.ts';
import { createLimiter } from '../kernel/concurrency.ts';
import { resourceKey } from '../kernel/entry.ts';
import { HoldfastError, isItemError, toRecord } from '../kernel/errors.ts';
import type { Repository, SnapshotReader } from '../repository/contract.ts';
import type { Estate } from './contract.ts';
import type { LedgerLine, RestorePlan, RestoreReport } from './restore-contract.ts';
import { checkStillCovered } from './plan-coverage.ts';
import { withoutActions } from './plan-edit.ts';
import { auditedRestore } from './restore-audit.ts';
import { restoreToDirectory } from './restore-directory.ts';
import type { Identities } from './identities.ts';
import { targetState } from './plan-state.ts';
import { identitiesOf, phaseOf, planLive, rankOf, type LivePlan } from './restore-plan.ts';
import { checkQuotas, plannedQuotas } from './quotas.ts';
import { reportedRun } from './run-events.ts';
import { sharedSignal } from '../kernel/signals.ts';
import type { ConnectorLookup } from './sources.ts';

/** Actions at work at the same time; each may write many items. */
const actionsAtOnce = 16;

/**
 * Does what a plan says. The target is compared again first: an action that is done already is not repeated, and one that the
 * plan does not cover refuses the whole plan (plan.stale). An action that fails costs itself and those that depend on it;
 * they are in the report, and applying the same plan again goes on. Throws plan.invalid, plan.stale, run.interrupted, and
 * what is not about one action.
 */
export async function applyRestore(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  plan: RestorePlan,
  lookup?: ConnectorLookup,
): Promise<RestoreReport> {
  if (plan.snapshot !== reader.info.id) {
    throw new HoldfastError('plan.invalid', `the plan is of snapshot ${plan.snapshot}, not of ${reader.info.id}`);
  }
  return await reportedRun(
    estate,
    'restore',
    async () =>
      await auditedRestore(estate, repository, plan, async () =>
        'directory' in plan.request.to
          ? await restoreToDirectory(estate, repository, reader, plan.request, plan.request.to.directory)
          : await applyLive(estate, repository, reader, plan, lookup),
      ),
    (report) => (report.outcome === 'complete' ? 'ok' : 'partial'),
  );
}

async function applyLive(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  stored: RestorePlan,
  lookup: ConnectorLookup | undefined,
): Promise<RestoreReport> {
  const identities = identitiesOf(stored.request);
  const whole = await planLive(estate, repository, reader, stored.request, identities, lookup);
  const current = { ...whole, plan: withoutActions(whole.plan, stored.leftOut ?? []) };
  if (targetState(current.plan.actions) !== stored.targetState) checkStillCovered(stored, current.plan.actions);
  checkQuotas(await plannedQuotas(current));
  const results = await runActions(estate, current, identities);
  return reportOf(stored, current, results, identities);
}

/** What became of one action. */
interface ActionResult {
  readonly action: PlannedAction;
  readonly outcome?: ActionOutcome;
  readonly error?: HoldfastError;
}

async function runActions(
  estate: Estate,
  { plan, steps, order }: LivePlan,
  identities: Identities,
): Promise<ActionResult[]> {
  const limiter = createLimiter(actionsAtOnce);
  const fatal = new AbortController();
  const signal = sharedSignal(estate.signal, fatal.signal);
  const running = new Map<string, Promise<ActionResult>>();

  async function one(action: PlannedAction): Promise<ActionResult> {
    for (const id of action.dependsOn) {
      const before = await running.get(id);
      if (before?.error) return notTried(estate, action, before.action);
    }
    return await limiter.run(async () => {
      signal.throwIfAborted();
      return await perform(estate, action, steps, identities);
    });
  }
  let phaseBefore: Promise<unknown> = Promise.resolve();
  for (const phase of [0, 1, 2]) {
    const inPhase = plan.actions.filter((action) => phaseOf(action) === phase);
    const types = new Map<string, Promise<unknown>>();
    for (const type of order.types) {
      let earlier: Promise<unknown> = Promise.all([phaseBefore, allOf(types, order.before.get(type) ?? new Set())]);
      const ofType = inPhase.filter(({ resource }) => resource.type === type);
      for (const rank of [...new Set(ofType.map((action) => rankIn(steps, action)))].sort((a, b) => a - b)) {
        const turn = earlier;
        const started = ofType
          .filter((action) => rankIn(steps, action) === rank)
          .map((action) => {
            const result = turn.then(async () => await one(action));
            result.catch((error: unknown) => fatal.abort(error));
            running.set(action.id, result);
            return result;
          });
        earlier = turn.then(async () => await Promise.allSettled(started));
      }
      types.set(type, earlier);
    }
    phaseBefore = allOf(types, new Set(types.keys()));
  }
  const settled = await Promise.allSettled(running.values());
  if (estate.signal.aborted) {
    throw new HoldfastError('run.interrupted', 'the restore was interrupted', {
      hint: 'Apply the same plan again, or plan it anew: what is done is not repeated.',
      cause: estate.signal.reason,
    });
  }
  if (fatal.signal.aborted) throw fatal.signal.reason;
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function rankIn(steps: LivePlan['steps'], action: PlannedAction): number {
  const step = steps.get(action.id);
  return step ? rankOf(step) : 0;
}

async function allOf(types: ReadonlyMap<string, Promise<unknown>>, wanted: ReadonlySet<string>): Promise<void> {
  for (const type of wanted) await types.get(type);
}

function notTried(estate: Estate, action: PlannedAction, failed: PlannedAction): ActionResult {
  estate.events({ type: 'action.finished', action: action.id, title: action.title, outcome: 'failed' });
  const message = `${action.title}: not tried, because ${failed.title} failed`;
  return {
    action,
    error: new HoldfastError('restore.incomplete', message, { resource: resourceKey(action.resource) }),
  };
}

async function perform(
  estate: Estate,
  action: PlannedAction,
  steps: LivePlan['steps'],
  identities: Identities,
): Promise<ActionResult> {
  const step = steps.get(action.id);
  if (!step) throw new HoldfastError('internal.bug', `${action.id} has no step`);
  const { id, title } = action;
  const { resource } = step;
  estate.events({ type: 'action.started', action: id, title });
  try {
    const outcome = await resource.live.apply(resource.context, step.action, resource.captured);
    for (const { from, to } of outcome.identities ?? []) identities.set(from, to);
    for (const error of outcome.failures ?? [])
      estate.events({
        type: 'item.failed',
        source: resource.record.source,
        resource: resource.key,
        error: toRecord(error),
      });
    estate.events({ type: 'action.finished', action: id, title, outcome: outcome.result });
    return { action, outcome };
  } catch (error) {
    estate.events({ type: 'action.finished', action: id, title, outcome: 'failed' });
    if (!isItemError(error) || estate.signal.aborted) throw error;
    estate.events({
      type: 'item.failed',
      source: resource.record.source,
      resource: resource.key,
      error: toRecord(error),
    });
    return { action, error };
  }
}

function reportOf(
  stored: RestorePlan,
  current: LivePlan,
  results: readonly ActionResult[],
  identities: Identities,
): RestoreReport {
  const failures = results.flatMap(({ error, outcome }) => [...(error ? [error] : []), ...(outcome?.failures ?? [])]);
  const skipped = current.plan.skipped.map(({ resource, reason }): LedgerLine => ({
    resource,
    class: 'needs-human',
    what: 'the resource',
    why: reason,
  }));
  const { uncaptured = [] } = current.plan;
  const isPartial = failures.length > 0 || uncaptured.length > 0 || current.plan.skipped.some(({ failed }) => failed);
  const done = results.filter(({ outcome }) => outcome?.result === 'done');
  const alreadyDone = stored.actions.filter(({ id }) => !current.steps.has(id)).length;
  return {
    schema: 1,
    snapshot: stored.snapshot,
    outcome: isPartial ? 'partial' : 'complete',
    applied: done.length,
    unchanged: alreadyDone + results.filter(({ outcome }) => outcome?.result === 'unchanged').length,
    items: sum(results, (outcome, action) => outcome.items ?? action.items ?? 0),
    bytes: sum(results, (outcome, action) => outcome.bytes ?? action.bytes ?? 0),
    ledger: [...results.map(ledgerLine), ...skipped],
    identities: [...identities.learned()].map(([from, to]) => ({ from, to })),
    failures: failures.map(toRecord),
    uncaptured,
  };
}

function sum(results: readonly ActionResult[], of: (outcome: ActionOutcome, action: PlannedAction) => number): number {
  return results.reduce(
    (total, { outcome, action }) => total + (outcome?.result === 'done' ? of(outcome, action) : 0),
    0,
  );
}

function ledgerLine({ action, outcome, error }: ActionResult): LedgerLine {
  const line = { resource: resourceKey(action.resource), what: action.title };
  if (!outcome) return { ...line, class: 'needs-human', why: error?.message ?? 'it failed', action: error?.hint ?? '' };
  const failed = outcome.failures ?? [];
  const note = outcome.note ?? (failed.length > 0 ? `${failed.length} items failed` : undefined);
  return {
    ...line,
    class: failed.length > 0 ? 'needs-human' : outcome.class,
    ...(note === undefined ? {} : { why: note }),
    ...(outcome.items === undefined ? {} : { count: outcome.items }),
  };
}
