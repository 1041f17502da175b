import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { RepositoryConfiguration } from '../configuration.ts';
import { decodeSlot, keyPrefix, slotDigest, type KeySlot } from './slots.ts';

/** A slot that the configuration names, as it is in the store. */
export type ListedSlot = UsableSlot | DamagedSlot | MissingSlot;

export interface UsableSlot {
  readonly state: 'usable';
  readonly id: string;
  /** Of the object. */
  readonly key: string;
  readonly slot: KeySlot;
}

interface DamagedSlot {
  readonly state: 'damaged';
  readonly id: string;
  readonly error: HoldfastError;
}

interface MissingSlot {
  readonly state: 'missing';
  readonly id: string;
}

/**
 * The slots the configuration names, oldest first. Others under `keys/` belong to a change that did not finish, or were put
 * back by somebody: nothing is tried with them.
 */
export async function readSlots(store: ObjectStore, configuration: RepositoryConfiguration): Promise<ListedSlot[]> {
  const rows = Object.entries(configuration.slots).sort(([a], [b]) => (a < b ? -1 : 1));
  return await Promise.all(rows.map(([id, digest]) => readSlot(store, configuration.repository, id, digest)));
}

async function readSlot(store: ObjectStore, repository: string, id: string, digest: string): Promise<ListedSlot> {
  const key = `${keyPrefix}${id}`;
  try {
    const bytes = await store.get(key);
    if (slotDigest(bytes) !== digest) throw changed(key);
    const slot = decodeSlot(bytes, key);
    if (slot.repository !== repository) throw changed(key);
    return { state: 'usable', id, key, slot };
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return { state: 'missing', id };
    if (isCode(error, 'repository.corrupt', 'storage.truncated')) return { state: 'damaged', id, error };
    throw error;
  }
}

function changed(key: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${key} is not the key slot that the configuration names`, {
    resource: key,
  });
}
