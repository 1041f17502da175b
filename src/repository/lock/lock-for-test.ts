import { noise, createSmall, type Contents, type SmallSettings } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { createVersionedMemoryStore, type VersionedMemoryStore } from '../../storage/memory/versioned.ts';
import type { LockSettings } from './contract.ts';

export const lock: LockSettings = { mode: 'compliance', days: 10, ahead: 4 };
export const kept = ['config/', 'keys/', 'data/', 'meta/', 'index/', 'snapshots/', 'audit/'];

export interface Stage {
  readonly runtime: Runtime;
  readonly store: VersionedMemoryStore;
  readonly small: SmallSettings & { readonly events: (event: HoldfastEvent) => void };
  readonly events: HoldfastEvent[];
}

export async function stage(): Promise<Stage> {
  const runtime = simulatedRuntime(1);
  const store = createVersionedMemoryStore({ runtime });
  const events: HoldfastEvent[] = [];
  const small = { store, runtime, lock, events: (event: HoldfastEvent) => void events.push(event) };
  await createSmall(small);
  return { runtime, store, small, events };
}

/** What changes a little every day, and shares most with the day before. */
export function contents(day: number): Contents {
  return { tools: { steady: noise(9000, 'steady'), other: noise(500, 'other'), today: noise(3000, day) } };
}

/** What an adversary with every right but time does: each version that can be destroyed is. Returns what could. */
export async function destroyAll(store: VersionedMemoryStore): Promise<string[]> {
  const destroyed: string[] = [];
  const versions = [];
  for await (const version of store.capabilities.history?.list('') ?? []) versions.push(version);
  for (const { key, versionId } of versions) {
    try {
      store.deleteVersion(key, versionId, true);
      destroyed.push(key);
    } catch {
      // Locked: that is what it is for.
    }
  }
  return destroyed;
}

export async function lockOf(store: ObjectStore, key: string): Promise<number> {
  return (await store.capabilities.readLock?.(key))?.until ?? 0;
}
