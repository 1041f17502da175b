import type { PlannedAction } from '../connectors/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import type { RestorePlan } from './restore-contract.ts';

/**
 * Refuses to apply when the target needs something that the reviewed plan did not say. What is still to be done may be less
 * than the plan, since an apply that was interrupted goes on with the same plan; it may never be more or something else.
 * Throws plan.stale.
 */
export function checkStillCovered(stored: RestorePlan, now: readonly PlannedAction[]): void {
  const known = new Map(stored.actions.map((action) => [action.id, action]));
  const uncovered = now.filter((action) => {
    const planned = known.get(action.id);
    return planned === undefined || !covers(planned, action);
  });
  if (uncovered.length === 0) return;
  const titles = uncovered.slice(0, 5).map(({ title }) => title);
  const more = uncovered.length > titles.length ? ` and ${uncovered.length - titles.length} more` : '';
  throw new HoldfastError(
    'plan.stale',
    `the target changed since the plan was made; it would now also need: ${titles.join('; ')}${more}`,
  );
}

function covers(planned: PlannedAction, now: PlannedAction): boolean {
  if (planned.operation !== now.operation) return false;
  // What a cut-off apply left half-written is put right by an update where the plan had a creation.
  const sameEffect = planned.effect === now.effect || (planned.effect === 'create' && now.effect === 'update');
  const notMore = (now.items ?? 0) <= (planned.items ?? Infinity) && (now.bytes ?? 0) <= (planned.bytes ?? Infinity);
  return sameEffect && notMore && coversJson(planned.input, now.input);
}

/** The same, or less: fewer elements of a list, fewer keys, a smaller count. */
function coversJson(planned: Json | undefined, now: Json | undefined): boolean {
  if (now === undefined || planned === now) return true;
  if (typeof planned === 'number' && typeof now === 'number') return now <= planned;
  if (Array.isArray(planned) && Array.isArray(now)) {
    const simple = new Set<Json>(planned as readonly Json[]);
    return (now as readonly Json[]).every(
      (element) => simple.has(element) || (planned as readonly Json[]).some((one) => coversJson(one, element)),
    );
  }
  if (!isRecord(planned) || !isRecord(now)) return false;
  return Object.entries(now).every(
    ([key, value]) => value === undefined || (key in planned && coversJson(planned[key], value)),
  );
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
