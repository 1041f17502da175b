import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import { fromAws } from '../aws/classify.ts';
import type { Place } from './aspect.ts';

/**
 * What IAM answers while a change made a moment ago has not reached every part of it: what was created is not there, a
 * principal is unknown, two changes meet ("changes that I make are not always immediately visible", IAM user guide).
 */
const passing = /^(NoSuchEntity|ConcurrentModification|EntityTemporarilyUnmodifiable)/;
const unknownPrincipal = /invalid principal/i;

/** Milliseconds between attempts: a quarter of a minute altogether. */
const pauses = [500, 1000, 2000, 4000, 8000] as const;

/** A writing call, tried again while its error may pass. Throws item errors. */
export async function patiently<T>(place: Place, operation: string, call: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await call();
    } catch (error) {
      if (!mayPass(error)) throw fromAws(error, operation, place.resource);
    }
    await place.runtime.clock.sleep(pause, place.signal);
  }
  try {
    return await call();
  } catch (error) {
    throw fromAws(error, operation, place.resource);
  }
}

function mayPass(error: unknown): boolean {
  const { name = '', message = '' } = (error ?? {}) as { readonly name?: string; readonly message?: string };
  return passing.test(name) || (name.startsWith('MalformedPolicyDocument') && unknownPrincipal.test(message));
}

/** Reads until it is as it should be, or patience ends; returns the last reading. */
export async function readUntil<T>(place: Place, read: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
  for (const pause of pauses) {
    const found = await read();
    if (isThere(found)) return found;
    await place.runtime.clock.sleep(pause, place.signal);
  }
  return await read();
}

/** One call for each entry: one that fails costs itself. */
export async function forEntries<T>(
  place: Place,
  entries: Iterable<T>,
  task: (entry: T) => Promise<unknown>,
): Promise<void> {
  for (const entry of entries) {
    try {
      await task(entry);
    } catch (error) {
      if (!isItemError(error)) throw error;
      place.failures.push(error);
    }
  }
}

/** True when the name is taken: by an earlier attempt whose answer was lost, or by something else. */
export function isTaken(error: unknown): boolean {
  const cause = error instanceof HoldfastError ? error.cause : error;
  const { name = '', message = '' } = (cause ?? {}) as { readonly name?: string; readonly message?: string };
  return name.startsWith('EntityAlreadyExists') || /has been taken in this account/.test(message);
}
