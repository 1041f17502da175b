import type { Clock } from '../../kernel/runtime.ts';
import { refreshLocations } from '../index/objects.ts';

type Objects = Parameters<typeof refreshLocations>[0];

// What is deleted within so short a time was marked before, and its other copies were indexed: ms.
const freshMs = 10_000;

/**
 * Reads marks and index anew for readers that did not find a chunk: once for all that ask meanwhile, and not again for
 * some seconds, so that real damage costs no listing per chunk.
 */
export function createRefresh(objects: () => Objects, clock: Clock): () => Promise<void> {
  let running: Promise<void> | undefined;
  let refreshedAt = -Infinity;
  return async () => {
    if (running) return await running;
    const age = clock.now() - refreshedAt;
    if (age >= 0 && age < freshMs) return;
    running = refreshLocations(objects());
    try {
      await running;
      refreshedAt = clock.now();
    } finally {
      running = undefined;
    }
  };
}
