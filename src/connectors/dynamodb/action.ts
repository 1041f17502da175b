import { resourceKey, type CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction } from '../contract.ts';

/** An action of the resource; the plan fills in what it depends on. */
export function action(
  captured: CapturedResource,
  operation: string,
  effect: PlannedAction['effect'],
  title: string,
  more: Partial<PlannedAction> = {},
): PlannedAction {
  const id = `${resourceKey(captured.ref)}/${operation}`;
  return { id, resource: captured.ref, operation, title, effect, dependsOn: [], input: null, ...more };
}
