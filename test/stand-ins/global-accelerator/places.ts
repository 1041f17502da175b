import type * as Sdk from '@aws-sdk/client-global-accelerator';
import { Refused, type Accelerator, type Group, type Listener, type State } from './state.ts';

/** A UUID that says which one it is. */
export function created(id: number): string {
  return `0000abcd-0000-4000-8000-${String(id).padStart(12, '0')}`;
}

export function named<Item>(items: readonly Item[], field: keyof Item, value: string | undefined, kind: string): Item {
  const found = items.find((one) => one[field] === value);
  if (found) return found;
  throw new Refused(`${kind}NotFoundException`, `${value} does not exist`);
}

/** An accelerator about to be changed, whose last change has reached the edge. */
export function idle(state: State, arn: string | undefined): Accelerator {
  const one = named(state.accelerators, 'AcceleratorArn', arn, 'Accelerator');
  if (one.looks > 0) throw new Refused('TransactionInProgressException', 'The accelerator is being changed');
  one.looks = state.slow;
  return one;
}

export function listenerOf(
  state: State,
  arn: string,
  isChange = true,
): { readonly accelerator: Accelerator; readonly listener: Listener } {
  const [owner = ''] = arn.split('/listener/');
  const accelerator = isChange ? idle(state, owner) : named(state.accelerators, 'AcceleratorArn', owner, 'Accelerator');
  return { accelerator, listener: named(accelerator.listeners, 'ListenerArn', arn, 'Listener') };
}

export function groupOf(state: State, arn: string): { readonly listener: Listener; readonly group: Group } {
  const { listener } = listenerOf(state, arn.split('/endpoint-group/')[0] ?? '');
  return { listener, group: named(listener.groups, 'EndpointGroupArn', arn, 'EndpointGroup') };
}

export function setTags(state: State, arn: string, tags: readonly Sdk.Tag[]): void {
  const own = state.tags.get(arn) ?? new Map<string, string>();
  for (const { Key = '', Value = '' } of tags) own.set(Key, Value);
  state.tags.set(arn, own);
}
