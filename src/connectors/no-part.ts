import { HoldfastError } from '../kernel/errors.ts';

/** A part of a resource was asked for, and the resource is not at the target: item.invalid. */
export function noPartOf(resource: string): HoldfastError {
  return new HoldfastError('item.invalid', `${resource} is not at the target, so no part of it can be`, {
    resource,
    hint: 'Restore the whole resource.',
  });
}
