import type { Clock, Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../contract.ts';
import { decorate, type StoreCall } from './forward.ts';

export interface RateLimitSettings {
  readonly runtime: Runtime;
  /** Calls per second; a list counts one call per thousand objects. */
  readonly requestsPerSecond?: number;
  /** Bytes per second, of puts and gets together. */
  readonly bytesPerSecond?: number;
}

const listPage = 1000;

/** Keeps calls and bytes under a rate, in the order in which they came; a second's worth may pass at once. */
export function withRateLimit(store: ObjectStore, settings: RateLimitSettings): ObjectStore {
  const { clock } = settings.runtime;
  const requests = createBucket(settings.requestsPerSecond, clock);
  const bytes = createBucket(settings.bytesPerSecond, clock);

  async function around<T>(call: StoreCall, work: () => Promise<T>): Promise<T> {
    await requests(1);
    if (call.parts !== undefined) await bytes(call.parts.reduce((sum, part) => sum + part.byteLength, 0));
    const result = await work();
    // How much a get brings is known afterwards: the next call pays for it.
    if (call.method === 'get' && result instanceof Uint8Array) await bytes(result.byteLength);
    return result;
  }
  return decorate(store, around, async function* list(prefix) {
    let seen = 0;
    for await (const object of store.list(prefix)) {
      if (seen % listPage === 0) await requests(1);
      seen++;
      yield object;
    }
    if (seen === 0) await requests(1);
  });
}

/** A token bucket that may go into debt for one call larger than a second's worth, and then waits until it is paid. */
function createBucket(rate: number | undefined, clock: Clock): (cost: number) => Promise<void> {
  if (rate === undefined) return async () => {};
  let tokens = rate;
  let filledAt = clock.now();
  let turn: Promise<void> = Promise.resolve();
  async function take(cost: number): Promise<void> {
    const now = clock.now();
    tokens = Math.min(rate ?? 0, tokens + ((now - filledAt) / 1000) * (rate ?? 0));
    filledAt = now;
    tokens -= cost;
    if (tokens < 0) await clock.sleep(Math.ceil((-tokens / (rate ?? 1)) * 1000));
  }
  return (cost) => {
    turn = turn.then(() => take(cost));
    return turn;
  };
}
