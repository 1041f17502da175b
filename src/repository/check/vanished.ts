import { HoldfastError } from '../../kernel/errors.ts';
import { configurationPrefix } from '../configuration.ts';
import { keyPrefix } from '../keys/slots.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { RepositoryState } from '../state.ts';

// One listing now and then, however many objects are missed.
const askAgainMs = 1000;

/** Looks, where something is missing, whether anything is left. */
export interface VanishWatch {
  /** Throws repository.missing where the repository as a whole is gone: deleted, unmounted, moved. That is no damage. */
  missed(): Promise<void>;
  /**
   * The same at the end, without anything missed: a snapshot that is not there any more was forgotten, and of a repository
   * that vanished nothing would be left to find damaged.
   */
  ended(): Promise<void>;
}

export function watchForVanishing({ store, runtime }: Pick<RepositoryState, 'store' | 'runtime'>): VanishWatch {
  let askedAt = -Infinity;
  async function look(): Promise<void> {
    const isThere = (await hasAny(store, configurationPrefix)) || (await hasAny(store, keyPrefix));
    askedAt = runtime.clock.now();
    if (isThere) return;
    throw new HoldfastError('repository.missing', `the repository at ${store.address} vanished while it was read`, {
      hint: 'See whether it was deleted or moved, or its disk unmounted, and run the command again.',
    });
  }
  return {
    async missed() {
      const age = runtime.clock.now() - askedAt;
      if (age < 0 || age >= askAgainMs) await look();
    },
    ended: look,
  };
}

async function hasAny(store: ObjectStore, prefix: string): Promise<boolean> {
  for await (const { key } of store.list(prefix)) if (key.startsWith(prefix)) return true;
  return false;
}
