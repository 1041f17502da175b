import { asBuffer, concatBytes, equalBytes } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ByteRange, ObjectStore, PutOptions, PutResult, StoredObject } from '../contract.ts';
import { decorate, type StoreCall } from './forward.ts';

export interface RetrySettings {
  readonly runtime: Runtime;
  /** Attempts of one call in all; default 6. */
  readonly attempts?: number;
  /** Upper bound of the first pause; it doubles from one to the next. Default 200 ms. */
  readonly firstPauseMs?: number;
  /** Default 10 s. */
  readonly longestPauseMs?: number;
  /** No attempt begins later than this after the first; default 2 minutes. */
  readonly totalMs?: number;
  /** Ends the pauses. */
  readonly signal?: AbortSignal;
  /** Told of each attempt that will be repeated. */
  readonly onRetry?: (call: StoreCall, error: HoldfastError, attempt: number) => void;
}

/**
 * Repeats calls that failed with a code the table calls retriable, after exponentially growing random pauses, or after
 * the time for which the store asked (Retry-After) where that is longer.
 * - A range past the end of a complete object is final; one that ended early is not.
 * - A conditional put whose first answer was lost may meet its own effect: after a failed attempt, storage.exists or
 *   storage.precondition is settled by reading the object back. Equal bytes are taken for ours, so writers that contend
 *   with conditions must write contents that name them (leases do; other keys are named after their contents).
 * - A list goes on after the last key it gave.
 */
export function withRetry(store: ObjectStore, settings: RetrySettings): ObjectStore {
  async function around<T>(call: StoreCall, work: () => Promise<T>): Promise<T> {
    return await attempts(settings, call, work);
  }
  const plain = decorate(store, around, (prefix) => listOn(store, prefix, settings));
  return {
    ...plain,
    get: (key, range) =>
      attempts(
        settings,
        { method: 'get', key },
        () => store.get(key, range),
        (error) => isPastTheEnd(plain, key, range, error),
      ),
    async put(key, parts, options = {}) {
      let failed = false;
      return await attempts(settings, { method: 'put', key, parts, options }, async () => {
        try {
          return await store.put(key, parts, options);
        } catch (error) {
          const ours = failed && isCode(error, 'storage.exists', 'storage.precondition');
          failed = true;
          const result = ours ? await foundOurs(plain, key, parts, options) : undefined;
          if (result === undefined) throw error;
          return result;
        }
      });
    },
  };
}

/** Does `work` until it succeeds or fails for good, as `withRetry` does every call. */
export async function attempts<T>(
  settings: RetrySettings,
  call: StoreCall,
  work: () => Promise<T>,
  isFinal: (error: HoldfastError) => Promise<boolean> = async () => false,
): Promise<T> {
  const { clock } = settings.runtime;
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.row.nature !== 'retriable') throw error;
      const pause = Math.max(pauseBefore(settings, attempt), Math.min(error.retryAfterMs, longestRetryAfterMs));
      const late = clock.now() - startedAt + pause > (settings.totalMs ?? 120_000);
      if (late || attempt >= (settings.attempts ?? 6) || (await isFinal(error))) throw error;
      settings.onRetry?.(call, error, attempt);
      await clock.sleep(pause, settings.signal);
    }
  }
}

// A store that asks for more than this is asked again sooner: minutes without work would look like a standstill.
const longestRetryAfterMs = 60_000;

/** Between half of the bound and the bound, so that contenders part and no pause is nothing. */
function pauseBefore(settings: RetrySettings, attempt: number): number {
  const bound = Math.min((settings.firstPauseMs ?? 200) * 2 ** (attempt - 1), settings.longestPauseMs ?? 10_000);
  const fraction = asBuffer(settings.runtime.random.bytes(4)).readUInt32LE() / 2 ** 32;
  return Math.round(bound * (0.5 + fraction / 2));
}

async function isPastTheEnd(
  store: ObjectStore,
  key: string,
  range: ByteRange | undefined,
  error: HoldfastError,
): Promise<boolean> {
  if (range === undefined || error.code !== 'storage.truncated') return false;
  const stored = await store.stat(key);
  return stored === undefined || stored.size < range.offset + range.length;
}

async function foundOurs(
  store: ObjectStore,
  key: string,
  parts: readonly Uint8Array[],
  options: PutOptions,
): Promise<PutResult | undefined> {
  const stored = await store.stat(key);
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (stored === undefined || stored.size !== size || stored.version === options.ifMatch) return undefined;
  return equalBytes(await store.get(key), concatBytes(parts)) ? { version: stored.version } : undefined;
}

async function* listOn(store: ObjectStore, prefix: string, settings: RetrySettings): AsyncGenerator<StoredObject> {
  const call: StoreCall = { method: 'list', key: prefix };
  let last: string | undefined;
  let objects = store.list(prefix)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await attempts(settings, call, async () => {
        try {
          return await objects.next();
        } catch (error) {
          objects = after(store.list(prefix), last);
          throw error;
        }
      });
      if (next.done === true) return;
      last = next.value.key;
      yield next.value;
    }
  } finally {
    await objects.return?.();
  }
}

async function* after(objects: AsyncIterable<StoredObject>, last: string | undefined): AsyncGenerator<StoredObject> {
  for await (const object of objects) if (last === undefined || object.key > last) yield object;
}
