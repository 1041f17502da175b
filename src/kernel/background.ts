import type { Clock } from './runtime.ts';

/** Work that is repeated in the background until it is stopped. */
export interface Repeating {
  /** No run begins afterwards; resolves when the one under way is over. */
  stop(): Promise<void>;
}

/**
 * Runs `task` every `ms` milliseconds of the clock, one run at a time, without keeping the process alive. The task deals
 * with its own errors: what it throws ends the repetition and is thrown by `stop`.
 */
export function repeat(clock: Clock, ms: number, task: () => Promise<void>): Repeating {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function loop(): Promise<void> {
    for (;;) {
      try {
        await clock.sleep(ms, stopping.signal, { background: true });
      } catch (error) {
        if (stopping.signal.aborted) return;
        throw error;
      }
      if (stopping.signal.aborted) return;
      running = task();
      await running;
    }
  }
  const looping = loop();
  looping.catch(thrownByStop);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

// The run's own promise is awaited by stop; this only keeps it from counting as unhandled before.
function thrownByStop(): void {
  /* thrown by stop */
}
