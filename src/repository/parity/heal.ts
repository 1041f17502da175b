import { createHash } from 'node:crypto';
import { isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { putOptions, type WritePolicy } from '../format/document.ts';
import { readWhatIsThere, repairFromParity } from './objects.ts';

export interface HealedPacks {
  /** Packs that are again what their names say, and were not. */
  readonly healed: readonly string[];
  /** Packs without parity, and those of which too much is lost. */
  readonly lost: readonly string[];
}

/** Whether a pack is not what its name says, and its parity makes it so. Changes nothing. Throws what the store throws. */
export async function healable(store: ObjectStore, packKey: string): Promise<boolean> {
  return !(await isWhole(store, packKey)) && (await repairFromParity(store, packKey)) !== undefined;
}

/**
 * Puts damaged and missing packs back as they were, out of their parity. It is the one place where a pack is overwritten: by
 * the very bytes its name is the digest of. Each is read back. A store that refuses to have objects overwritten leaves the
 * pack among the lost. Running it again goes on; whole packs are left alone.
 */
export async function healPacks(
  store: ObjectStore,
  packKeys: Iterable<string>,
  { policy, signal }: { readonly policy: () => WritePolicy; readonly signal?: AbortSignal },
): Promise<HealedPacks> {
  const healed: string[] = [];
  const lost: string[] = [];
  for (const key of packKeys) {
    signal?.throwIfAborted();
    if (await isWhole(store, key)) continue;
    const bytes = await repairFromParity(store, key);
    const isHealed = bytes !== undefined && (await replace(store, key, bytes, policy()));
    (isHealed ? healed : lost).push(key);
  }
  return { healed, lost };
}

async function replace(store: ObjectStore, key: string, bytes: Uint8Array, policy: WritePolicy): Promise<boolean> {
  try {
    await store.put(key, [bytes], putOptions(policy, key.startsWith('data/') ? 'data' : 'metadata'));
  } catch (error) {
    if (isCode(error, 'storage.denied', 'storage.locked', 'storage.exists')) return false;
    throw error;
  }
  return await isWhole(store, key);
}

/** Whether its bytes are what its name says. */
async function isWhole(store: ObjectStore, key: string): Promise<boolean> {
  const bytes = await readWhatIsThere(store, key);
  return bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === key.slice(-64);
}
