import { createSmall, noise, openSmall } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import { withFaults, type FaultyStore } from '../../storage/decorators/faults.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { Repository } from '../contract.ts';

/** 5,000 bytes that no compression makes smaller. */
export const text = noise(5000, 'x');

export interface Made {
  readonly runtime: ReturnType<typeof simulatedRuntime>;
  readonly store: FaultyStore;
  readonly repository: Repository;
  readonly events: HoldfastEvent[];
  /** The same store, opened by somebody else. */
  reopen(): Promise<Repository>;
}

/** A small repository on a store whose calls may be made to fail, and what it says. */
export async function makeRepository(): Promise<Made> {
  const runtime = simulatedRuntime(1);
  const store = withFaults(createMemoryStore({ runtime }), { runtime });
  const events: HoldfastEvent[] = [];
  const repository = await createSmall({ store, runtime, events: (event) => events.push(event) });
  return { runtime, store, repository, events, reopen: () => openSmall({ store, runtime }) };
}

/** So many files of 200 bytes, in ascending order of keys. */
export function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${String(i).padStart(4, '0')}`, noise(200, i)]));
}

/** Lets everything that is ready go on. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
