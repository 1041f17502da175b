import { HoldfastError } from '../kernel/errors.ts';

/** Throws storage.exists or storage.precondition unless `current` (undefined: no object) is what the options ask for. */
export function checkPrecondition(
  key: string,
  current: string | undefined,
  options: { readonly ifAbsent?: boolean; readonly ifMatch?: string },
): void {
  if (options.ifAbsent === true && current !== undefined) throw alreadyExists(key);
  if (options.ifMatch !== undefined && current !== options.ifMatch) {
    throw preconditionFailed(key, current === undefined ? 'it is absent' : 'another writer changed it');
  }
}

export function alreadyExists(key: string, cause?: unknown): HoldfastError {
  return new HoldfastError('storage.exists', `${key} is already there`, { resource: key, cause });
}

export function preconditionFailed(key: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('storage.precondition', `${key} is not the expected version: ${why}`, {
    resource: key,
    cause,
  });
}
