import type { Runtime } from '../../src/kernel/runtime.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';

/** The same objects in a store of their own. */
export async function copyStore(from: ObjectStore, runtime: Runtime): Promise<ObjectStore> {
  const copy = createMemoryStore({ runtime });
  for await (const { key } of from.list('')) await copy.put(key, [await from.get(key)]);
  return copy;
}

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}
