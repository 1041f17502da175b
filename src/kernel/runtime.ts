import { randomBytes } from 'node:crypto';

/** Milliseconds since the epoch, and waiting. Passed in everywhere (law), so that tests run in simulated time. */
export interface Clock {
  now(): number;
  /** `background`: waiting that keeps neither the process alive nor simulated time going, for heartbeats. */
  sleep(ms: number, signal?: AbortSignal, options?: { readonly background?: boolean }): Promise<void>;
}

/** Cryptographically strong random bytes; tests pass a seeded source. */
export interface RandomSource {
  bytes(length: number): Uint8Array;
}

/** What every operation needs from the machine. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: RandomSource;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal, options) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = setTimeout(done, ms);
      if (options?.background) timer.unref();
      function done(): void {
        signal?.removeEventListener('abort', aborted);
        resolve();
      }
      function aborted(): void {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      }
      signal?.addEventListener('abort', aborted, { once: true });
    }),
};

export const systemRandom: RandomSource = { bytes: (length) => randomBytes(length) };

export const systemRuntime: Runtime = { clock: systemClock, random: systemRandom };

/** A 16-byte id whose first 6 bytes are the time, so that ids sort by creation (the layout of UUIDv7, RFC 9562). */
export function newId(runtime: Runtime): Uint8Array {
  const id = Uint8Array.from(runtime.random.bytes(16));
  let ms = runtime.clock.now();
  for (let i = 5; i >= 0; i--) {
    id[i] = ms % 256;
    ms = Math.floor(ms / 256);
  }
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x70;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id;
}
