import { HoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore, StoredObject } from '../../storage/contract.ts';
import { repairFromParity } from './objects.ts';

/**
 * The store as it would be with these packs put back out of their parity: so that a repair can be told before anything is
 * changed. A healed pack is made for each read anew, but for the last one.
 */
export function withHealedPacks(store: ObjectStore, packKeys: ReadonlySet<string>): ObjectStore {
  // A worker that reads files itself would see the damage.
  const { filePath: _, ...capabilities } = store.capabilities;
  let last: { readonly key: string; readonly bytes: Promise<Uint8Array> } | undefined;

  async function heal(key: string): Promise<Uint8Array> {
    const bytes = await repairFromParity(store, key);
    if (bytes) return bytes;
    throw new HoldfastError('storage.unavailable', `${key} could be healed a moment ago, and cannot any more`, {
      resource: key,
    });
  }
  async function healed(key: string): Promise<Uint8Array> {
    if (last?.key !== key) last = { key, bytes: heal(key) };
    return await last.bytes;
  }
  async function resized(stored: StoredObject): Promise<StoredObject> {
    return packKeys.has(stored.key) ? { ...stored, size: (await healed(stored.key)).length } : stored;
  }
  return {
    ...store,
    capabilities,
    async get(key, range) {
      if (!packKeys.has(key)) return await store.get(key, range);
      const bytes = await healed(key);
      // A copy: who reads it may send it to another thread.
      return Uint8Array.from(range ? bytes.subarray(range.offset, range.offset + range.length) : bytes);
    },
    async stat(key) {
      const stored = await store.stat(key);
      if (stored || !packKeys.has(key)) return stored && (await resized(stored));
      return await resized({ key, size: 0, version: '', modifiedAt: 0 });
    },
    async *list(prefix) {
      for await (const stored of store.list(prefix)) yield await resized(stored);
    },
  };
}
