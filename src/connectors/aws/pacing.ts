import type { Limiter } from '../../kernel/concurrency.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { isThrottle } from './classify.ts';
import type { AwsCallRecord, PacedCall } from './contract.ts';
import { laneOf } from './lanes.ts';
import { createRateLimiter, type RateLimiter } from './rate.ts';

/** What calls of one account wait for. */
export interface Paced {
  readonly account: string;
  readonly runtime: Runtime;
  readonly limiter: Limiter;
  /** By region and lane. */
  readonly rates: Map<string, RateLimiter>;
  readonly onCall?: (record: AwsCallRecord) => void;
  readonly signal?: AbortSignal;
}

/** One attempt: it waits for its turn, slows the next ones when it is throttled, and is recorded. */
export async function inTurn<T>(shared: Paced, region: string, call: PacedCall, attempt: () => Promise<T>): Promise<T> {
  const { account, runtime, onCall, signal } = shared;
  const { api, operation } = call;
  const rate = rateOf(shared, region, call);
  await rate.acquire(signal);
  return await shared.limiter.run(async () => {
    signal?.throwIfAborted();
    const startedAt = runtime.clock.now();
    let outcome: AwsCallRecord['outcome'] = 'ok';
    try {
      const result = await attempt();
      rate.succeeded();
      return result;
    } catch (error) {
      outcome = isThrottle(error) ? 'throttled' : 'failed';
      if (outcome === 'throttled') rate.throttled();
      throw error;
    } finally {
      onCall?.({ api, operation, region, account, ms: runtime.clock.now() - startedAt, outcome });
    }
  });
}

/** What the call shares with all others of its lane. */
export function rateOf(shared: Paced, region: string, call: PacedCall): RateLimiter {
  const { name, pace } = laneOf(call);
  const key = `${region}/${name}`;
  let rate = shared.rates.get(key);
  if (!rate) {
    rate = createRateLimiter(pace, shared.runtime.clock);
    shared.rates.set(key, rate);
  }
  return rate;
}
