import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Buffers that ciphers and compressors return live outside V8's heap, which therefore sees no reason to collect them. They
 * are dead within microseconds, so a scavenge of the young generation frees them for next to nothing if it comes before
 * they are promoted; what was promoted all the same goes with a full collection, rarely (figures in docs/benchmarks.md).
 */
export interface Collector {
  /** Counts bytes of short-lived buffers; collects when enough came together. */
  produced(bytes: number): void;
}

const scavengeEvery = 8 * 1024 * 1024;

/**
 * `collectEvery`: bytes between two full collections. The heaps of worker threads are small and full collections cheap, but
 * hardly anything survives there; in the main thread entries wait for their contents and are promoted meanwhile.
 */
export function createCollector(collectEvery: number): Collector {
  const collect = exposedCollector();
  let sinceScavenge = 0;
  let sinceCollection = 0;
  return {
    produced(bytes) {
      sinceScavenge += bytes;
      sinceCollection += bytes;
      if (sinceCollection >= collectEvery) {
        sinceCollection = 0;
        sinceScavenge = 0;
        collect?.();
      } else if (sinceScavenge >= scavengeEvery) {
        sinceScavenge = 0;
        collect?.({ type: 'minor' });
      }
    },
  };
}

type Collect = (options?: { readonly type: 'minor' }) => void;

function exposedCollector(): Collect | undefined {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
  setFlagsFromString('--no-expose-gc');
  return found as Collect | undefined;
}
