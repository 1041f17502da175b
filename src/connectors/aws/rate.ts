import type { Clock } from '../../kernel/runtime.ts';

/** Calls per second an API grants an account in a region by default; what is not listed starts at 50. */
const startingRates: Readonly<Record<string, number>> = {
  // Route 53: five requests per second and account (Route 53 developer guide, DNSLimitations).
  route53: 5,
  iam: 20,
  cloudfront: 20,
  // Lambda control plane: 15 per second across the other calls, GetFunction 100 (Lambda quotas).
  lambda: 60,
  dynamodb: 400,
  // ListServiceQuotas and the list of defaults: 10 (Service Quotas, its own quotas L-65470577 and L-71DCD22A).
  servicequotas: 10,
  // 3,500 writes and 5,500 reads a second to each prefix of a bucket (S3 user guide, optimizing performance).
  s3: 3500,
};

/** A token bucket whose rate halves when the provider throttles and grows back while it does not. */
export interface RateLimiter {
  acquire(signal?: AbortSignal): Promise<void>;
  throttled(): void;
  succeeded(): void;
  readonly rate: number;
}

export function createRateLimiter(api: string, clock: Clock): RateLimiter {
  const most = startingRates[api] ?? 50;
  let rate = most;
  let tokens = most;
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
      rate = Math.min(most, rate + most / 200);
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
