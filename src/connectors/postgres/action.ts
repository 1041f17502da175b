import type { CapturedResource } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import type { PlannedAction } from '../contract.ts';
import { type } from './discover.ts';

/** Steps of a restore, in this order; each waits for those before it. */
export const operations = [
  'create-roles',
  'create-database',
  'set-database',
  'create-definitions',
  'write-rows',
  'write-large-objects',
  'set-sequences',
  'create-after-rows',
  'refresh-views',
] as const;
export type Operation = (typeof operations)[number];

export interface Step {
  readonly operation: Operation;
  readonly title: string;
  readonly effect?: PlannedAction['effect'];
  readonly input?: Json;
  readonly items?: number;
  readonly bytes?: number;
  readonly ledger?: PlannedAction['ledger'];
}

export function toActions({ ref }: Pick<CapturedResource, 'ref'>, steps: readonly Step[]): PlannedAction[] {
  const id = ({ operation }: Step): string => `${type}/${ref.name}/${operation}`;
  return steps.map((step, at) => ({
    id: id(step),
    resource: ref,
    operation: step.operation,
    title: step.title,
    effect: step.effect ?? 'create',
    dependsOn: steps.slice(0, at).map(id),
    input: step.input ?? null,
    ...(step.items === undefined ? {} : { items: step.items }),
    ...(step.bytes === undefined ? {} : { bytes: step.bytes }),
    ...(step.ledger === undefined ? {} : { ledger: step.ledger }),
  }));
}
