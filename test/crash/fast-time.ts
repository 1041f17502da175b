import { systemRuntime, type Runtime } from '../../src/kernel/runtime.ts';

const speed = 1000;

/** Time that begins at `start` (ms since the epoch) and runs a thousand times as fast. */
export function fastRuntime(start: number): Runtime {
  const began = performance.now();
  return {
    random: systemRuntime.random,
    clock: {
      now: () => Math.floor(start + (performance.now() - began) * speed),
      sleep: (ms, signal, options) => systemRuntime.clock.sleep(ms / speed, signal, options),
    },
  };
}
