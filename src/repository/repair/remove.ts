import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';

/**
 * Deletes an object; why it is still there where a lock or the store's rights keep it, undefined when it is gone. Throws what
 * else the store throws.
 */
export async function removeObject(store: ObjectStore, key: string, now: number): Promise<string | undefined> {
  try {
    // Asked first: a versioned bucket would hide a locked object behind a delete marker and call that success.
    const lock = await store.capabilities.readLock?.(key);
    if (lock && lock.until > now) return `locked until ${new Date(lock.until).toISOString()}`;
    await store.delete(key);
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return undefined;
    if (isCode(error, 'storage.locked', 'storage.denied')) return error.message;
    throw error;
  }
  if (await store.stat(key))
    throw new HoldfastError('storage.unavailable', `${key} was deleted and is still there`, { resource: key });
  return undefined;
}
