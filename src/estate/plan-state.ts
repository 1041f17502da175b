import { createHash } from 'node:crypto';
import type { PlannedAction } from '../connectors/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';
import { compactJson, type Json } from '../kernel/json.ts';

/** SHA-256 over what the actions would do: a target that changed in a way that matters needs other actions. */
export function targetState(actions: readonly PlannedAction[]): string {
  const lines = actions.map(({ id, operation, effect, input, items = 0, bytes = 0 }) =>
    compactJson([id, operation, effect, input, items, bytes] satisfies Json),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Ids are unique, and each action comes after those it depends on. */
export function checkIds(actions: readonly PlannedAction[]): void {
  const ids = new Set<string>();
  for (const { id, dependsOn } of actions) {
    if (ids.has(id)) throw new HoldfastError('internal.bug', `two actions have the id ${id}`, { resource: id });
    const later = dependsOn.find((before) => !ids.has(before));
    if (later !== undefined) {
      throw new HoldfastError('internal.bug', `${id} depends on ${later}, which is not planned before it`, {
        resource: id,
      });
    }
    ids.add(id);
  }
}
