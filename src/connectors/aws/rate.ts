import type { Clock } from '../../kernel/runtime.ts';

/** How fast calls may go. */
export interface Pace {
  /** Calls per second to begin with. */
  readonly start: number;
  /** `start` is what the provider grants, and is never exceeded. Otherwise only throttling tells, and the rate grows until then. */
  readonly isGranted: boolean;
}

/** Calls per second that a rate nobody granted grows by in a second in which all of it was used, and the most per call: a quarter. */
const growth = 100;
const growthPerCall = 0.25;
/** For so long (ms) after somebody had to wait, the rate counts as used up. */
const usedUpMs = 1000;

/** A token bucket whose rate halves when the provider throttles and grows while it does not. */
export interface RateLimiter {
  acquire(signal?: AbortSignal): Promise<void>;
  throttled(): void;
  succeeded(): void;
  readonly rate: number;
}

export function createRateLimiter({ start, isGranted }: Pace, clock: Clock): RateLimiter {
  let rate = start;
  let tokens = start;
  /** When somebody last had to wait. */
  let waitedAt = -Infinity;
  let filledAt = clock.now();
  let lastCut = 0;
  let queue: Promise<void> = Promise.resolve();

  function refill(): void {
    const now = clock.now();
    tokens = Math.min(Math.max(rate, 1), tokens + ((now - filledAt) / 1000) * rate);
    filledAt = now;
  }
  async function take(signal?: AbortSignal): Promise<void> {
    for (;;) {
      refill();
      if (tokens >= 1) {
        tokens -= 1;
        return;
      }
      waitedAt = clock.now();
      await clock.sleep(Math.max(1, Math.ceil(((1 - tokens) / rate) * 1000)), signal);
    }
  }
  return {
    async acquire(signal) {
      const turn = queue.then(() => take(signal));
      queue = turn.catch(keepQueueGoing);
      await turn;
    },
    throttled() {
      // Many calls in flight are throttled by the same shortage: one cut per second is the answer to it.
      const now = clock.now();
      if (now - lastCut < 1000) return;
      lastCut = now;
      rate = Math.max(0.5, rate / 2);
      tokens = Math.min(tokens, 0);
    },
    succeeded() {
      if (isGranted) rate = Math.min(start, rate + start / 200);
      // A rate that is not used shows nothing about what the provider would take.
      else if (clock.now() - waitedAt < usedUpMs) rate += Math.min(growthPerCall, growth / rate);
    },
    get rate() {
      return rate;
    },
  };
}

// An aborted waiter must not stop the ones behind it.
function keepQueueGoing(): void {
  /* its own caller was told */
}
