import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { removeQuietly } from '../session/lease.ts';
import { parityName, parityPrefix } from './objects.ts';

const deletionsAtOnce = 16;

/**
 * Deletes the parity of packs that are gone. `isThere` may know of fewer packs than there are: the store is asked for the
 * others. `now` is the store's time; what a lock keeps stays for a later run. To be called only by who has seen that no pack
 * is missing: one that was lost may come back out of its parity.
 */
export async function tidyParity(
  store: ObjectStore,
  isThere: (name: string) => boolean,
  now: number,
  signal?: AbortSignal,
): Promise<void> {
  const orphans: string[] = [];
  for await (const { key } of store.list(parityPrefix)) {
    const name = parityName(key);
    if (name !== undefined && !isThere(name)) orphans.push(name);
  }
  await forEachConcurrent(orphans, deletionsAtOnce, async (name) => {
    signal?.throwIfAborted();
    const path = `${name.slice(0, 2)}/${name}`;
    if ((await store.stat(`data/${path}`)) ?? (await store.stat(`meta/${path}`))) return;
    const key = `${parityPrefix}${path}`;
    if (!(await isLocked(store, key, now))) await removeQuietly(store, key);
  });
}

async function isLocked({ capabilities }: ObjectStore, key: string, now: number): Promise<boolean> {
  try {
    const lock = await capabilities.readLock?.(key);
    return lock !== undefined && lock.until > now;
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return false;
    throw error;
  }
}
