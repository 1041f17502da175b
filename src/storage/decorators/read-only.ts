import { HoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore } from '../contract.ts';
import { decorate } from './forward.ts';

/** Refuses every change with storage.denied: for commands that only look. */
export function readOnly(store: ObjectStore): ObjectStore {
  return decorate(
    store,
    async (call, work) => {
      if (call.method === 'get' || call.method === 'stat' || call.method === 'readLock' || call.method === 'thawState')
        return await work();
      throw new HoldfastError('storage.denied', `${call.method} of ${call.key} refused: the store is open read-only`, {
        resource: call.key,
        hint: 'Run a command that may change the repository.',
      });
    },
    (prefix) => store.list(prefix),
  );
}
