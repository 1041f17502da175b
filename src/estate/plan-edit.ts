import { createHash } from 'node:crypto';
import type { PlannedAction } from '../connectors/contract.ts';
import { resourceKey } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import { canonicalJson, type Json } from '../kernel/json.ts';
import type { PlanSeal, RestorePlan } from './restore-contract.ts';
import { estimateRestore } from './estimate.ts';

/**
 * A plan as it was made, so that one that comes back from a file shows what was edited. It keeps mistakes out, not attackers: who
 * can write the file can compute it. Applying compares with the target and the snapshot in any case.
 */
export function sealOf(plan: Omit<RestorePlan, 'seal'>): PlanSeal {
  return {
    rename: fingerprint(plan.request.rename),
    rest: fingerprint(restOf(plan)),
    actions: Object.fromEntries(plan.actions.map((action) => [action.id, fingerprint(action)])),
  };
}

/** A plan that may have been edited, and whether its renames were: then it has to be made again. */
export interface EditedPlan {
  readonly plan: RestorePlan;
  readonly renamed: boolean;
}

/**
 * What was edited within limits: actions left out together with those that depend on them, and renames. Throws plan.invalid for
 * anything else, naming it.
 */
export function readEdits(plan: RestorePlan): EditedPlan {
  const { seal, actions, request } = plan;
  if (fingerprint(restOf(plan)) !== seal.rest)
    throw refused('something besides its actions and its renames was changed');
  for (const action of actions) {
    const was = seal.actions[action.id];
    if (was === undefined) throw refused(`the action ${action.id} was added`);
    if (was !== fingerprint(action)) throw refused(`the action ${action.id} was changed`);
  }
  if (new Set(actions.map(({ id }) => id)).size < actions.length) throw refused('an action stands there twice');
  const kept = new Set(actions.map(({ id }) => id));
  const removed = Object.keys(seal.actions).filter((id) => !kept.has(id));
  if (removed.length > 0 && 'directory' in request.to)
    throw refused('a restore to a directory writes all that was asked for; name a part of it, or a site, instead');
  const orphan = actions.find(({ dependsOn }) => dependsOn.some((id) => removed.includes(id)));
  if (orphan)
    throw refused(`${orphan.id} depends on ${orphan.dependsOn.find((id) => removed.includes(id))}; remove it too`);
  return { plan: withoutActions(plan, removed), renamed: seal.rename !== fingerprint(request.rename) };
}

/** The plan without those actions and without what depends on them; its sums are those of what is left. */
export function withoutActions(plan: RestorePlan, ids: readonly string[]): RestorePlan {
  if (ids.length === 0) return plan;
  const out = new Set(ids);
  // In a plan each action comes after those it depends on.
  for (const { id, dependsOn } of plan.actions) if (dependsOn.some((before) => out.has(before))) out.add(id);
  const actions = plan.actions.filter(({ id }) => !out.has(id));
  const gone = new Set(Object.keys(plan.seal.actions).filter((id) => out.has(id)));
  const { quotas: _, ...rest } = plan;
  const touched = new Set([...actions.map(keyOf), ...plan.skipped.map(({ resource }) => resource)]);
  return {
    // What is left needs less; applying counts again.
    ...rest,
    actions,
    leftOut: [...gone].sort(),
    items: actions.reduce((sum, { items = 0 }) => sum + items, 0),
    bytes: actions.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    ...(plan.estimate === undefined ? {} : { estimate: estimateRestore(actions) }),
    ledger: plan.ledger.filter(({ resource }) => touched.has(resource)),
  };
}

function keyOf({ resource }: PlannedAction): string {
  return resourceKey(resource);
}

/** What nobody may change by hand: all but the actions, the renames, and what is computed from them. */
function restOf({ snapshot, estate, request, skipped, targetState }: Omit<RestorePlan, 'seal'>): object {
  const { rename: _, ...asked } = request;
  return { snapshot, estate, request: asked, skipped, targetState };
}

function fingerprint(value: unknown): string {
  // Through JSON, as the file would give it back: what is undefined is not there.
  const text = canonicalJson(JSON.parse(JSON.stringify(value)) as Json);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function refused(what: string): HoldfastError {
  return new HoldfastError('plan.invalid', `the plan was edited in a way that cannot be applied: ${what}`, {
    hint: 'Actions may be removed, together with those that depend on them, and renames changed; plan anew for anything else.',
  });
}
