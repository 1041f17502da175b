import { asHoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore } from '../contract.ts';

/** What could not be taken away, and why. */
export interface Left {
  readonly objects: number;
  readonly why: string;
}

/**
 * Removes everything below the prefix, of a store that keeps versions those too. `olderThan` (ms since the epoch, the
 * store's time) leaves what is younger. Undefined when nothing is left.
 */
export async function removeBelow(store: ObjectStore, prefix: string, olderThan = Infinity): Promise<Left | undefined> {
  let objects = 0;
  let why = '';
  async function remove(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      objects++;
      why ||= asHoldfastError(error).message;
    }
  }
  const { history } = store.capabilities;
  for await (const { key, modifiedAt } of store.list(prefix)) {
    if (modifiedAt < olderThan) await remove(() => store.delete(key));
  }
  try {
    for await (const { key, versionId, modifiedAt } of history?.list(prefix) ?? []) {
      if (modifiedAt < olderThan) await remove(async () => await history?.remove(key, versionId));
    }
  } catch (error) {
    // Compatible stores without versions, and credentials that may not list them: nothing more can be done.
    why ||= asHoldfastError(error).message;
  }
  return objects === 0 ? undefined : { objects, why };
}
