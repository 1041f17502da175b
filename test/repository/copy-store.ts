import type { Runtime } from '../../src/kernel/runtime.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';

/** The same objects in a store of their own. */
export async function copyStore(
  from: ObjectStore,
  runtime: Runtime,
  copy: ObjectStore = createMemoryStore({ runtime }),
): Promise<ObjectStore> {
  for await (const { key } of from.list('')) await copy.put(key, [await from.get(key)]);
  return copy;
}

/** The same, put when they were put there and under the same locks; from now on time is that of the runtime. */
export async function restoredAt(from: ObjectStore, runtime: Runtime): Promise<ObjectStore> {
  let past: number | undefined = 0;
  const clock = { ...runtime.clock, now: () => past ?? runtime.clock.now() };
  const copy = createMemoryStore({ runtime: { ...runtime, clock } });
  for await (const { key, modifiedAt } of from.list('')) {
    past = modifiedAt;
    const retain = await from.capabilities.readLock?.(key);
    await copy.put(key, [await from.get(key)], retain ? { retain } : {});
  }
  past = undefined;
  return copy;
}

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}
