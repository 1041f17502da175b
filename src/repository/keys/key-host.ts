import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { Audit } from '../audit/contract.ts';
import { changeConfiguration, type RepositoryConfiguration } from '../configuration.ts';
import type { Keyring } from './keyring.ts';
import type { SlotHost } from './new-slot.ts';
import { readSlots, type ListedSlot } from './read-slots.ts';
import { keyPrefix } from './slots.ts';

/** What key management needs of the opened repository. */
export interface KeyHost extends SlotHost {
  readonly keyring: Keyring;
  /** As it was when the repository was opened. */
  readonly configuration: RepositoryConfiguration;
  readonly audit: Audit;
  /** Id of the slot that opened it. */
  readonly openedBy: string;
}

/** The newest configuration and its slots. */
export async function newestSlots(
  host: KeyHost,
): Promise<{ readonly configuration: RepositoryConfiguration; readonly slots: readonly ListedSlot[] }> {
  const configuration = await changeConfiguration(host, () => undefined);
  return { configuration, slots: await readSlots(host.store, configuration) };
}

export function sameSlots(a: RepositoryConfiguration, b: RepositoryConfiguration): boolean {
  const ids = Object.keys(a.slots);
  return a.epoch === b.epoch && ids.length === Object.keys(b.slots).length && ids.every((id) => id in b.slots);
}

/** Deletes slots that no configuration names any more; returns those that a lock or an outage kept. */
export async function removeSlots({ store }: SlotHost, ids: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (const id of ids) {
    try {
      await store.delete(`${keyPrefix}${id}`);
      if (await store.stat(`${keyPrefix}${id}`)) left.push(id);
    } catch (error) {
      if (!(error instanceof HoldfastError) || !error.code.startsWith('storage.')) throw error;
      if (!isCode(error, 'storage.not-found')) left.push(id);
    }
  }
  return left;
}
