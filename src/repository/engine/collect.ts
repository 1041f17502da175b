import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Buffers that ciphers and compressors return live outside V8's heap, which therefore sees no reason to collect them: tens
 * of megabytes a thread, and those that survive two scavenges stay until a full collection. The heaps of the workers are
 * small, so a full collection after every 32 MiB of output is cheap; it takes peak memory of a first backup of 100,000
 * files from 400 to 270 MiB (docs/benchmarks.md).
 */
export interface Collector {
  /** Counts bytes of short-lived buffers; collects when enough came together. */
  produced(bytes: number): void;
}

const collectEvery = 32 * 1024 * 1024;

export function createCollector(): Collector {
  const collect = exposedCollector();
  let since = 0;
  return {
    produced(bytes) {
      since += bytes;
      if (since < collectEvery) return;
      since = 0;
      collect?.();
    },
  };
}

type Collect = () => void;

function exposedCollector(): Collect | undefined {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
  setFlagsFromString('--no-expose-gc');
  return found as Collect | undefined;
}
