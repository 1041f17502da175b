import { systemRuntime, type Runtime } from '../../src/kernel/runtime.ts';

/** Real time in which pauses take a millisecond at most; says how long they were to be. */
export function quickRuntime(): Runtime & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    random: systemRuntime.random,
    clock: {
      now: systemRuntime.clock.now,
      async sleep(ms, signal) {
        pauses.push(ms);
        await systemRuntime.clock.sleep(Math.min(1, ms), signal);
      },
    },
  };
}
