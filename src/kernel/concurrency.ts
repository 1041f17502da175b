/** Runs at most `limit` tasks at a time; the rest wait in order. */
export interface Limiter {
  run<T>(task: () => Promise<T>): Promise<T>;
  readonly active: number;
}

export function createLimiter(limit: number): Limiter {
  let active = 0;
  const waiting: (() => void)[] = [];
  async function run<T>(task: () => Promise<T>): Promise<T> {
    if (active >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else active++;
    try {
      return await task();
    } finally {
      // The slot is handed over, not freed, so that nobody overtakes the queue.
      const next = waiting.shift();
      if (next) next();
      else active--;
    }
  }
  return {
    run,
    get active() {
      return active;
    },
  };
}

/** A budget of bytes in flight: `take` waits until they fit (one larger than the whole budget waits for all of it). */
export interface ByteBudget {
  take(bytes: number): Promise<() => void>;
}

export function createByteBudget(total: number): ByteBudget {
  let free = total;
  const waiting: { need: number; go: () => void }[] = [];
  function drain(): void {
    while (waiting[0] && waiting[0].need <= free) {
      const next = waiting.shift();
      if (!next) return;
      free -= next.need;
      next.go();
    }
  }
  return {
    async take(bytes) {
      const need = Math.min(bytes, total);
      await new Promise<void>((resolve) => {
        waiting.push({ need, go: resolve });
        drain();
      });
      let given = true;
      return () => {
        if (!given) return;
        given = false;
        free += need;
        drain();
      };
    },
  };
}

/**
 * Maps with at most `concurrency` tasks in flight, yielding results in the order of the input.
 * An error of a task surfaces when its turn comes; the input is then closed.
 */
export async function* mapOrdered<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  task: (value: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  try {
    for await (const value of source) {
      const running = task(value);
      running.catch(ignoreUntilAwaited);
      pending.push(running);
      if (pending.length >= concurrency) yield await (pending.shift() as Promise<R>);
    }
    while (pending.length > 0) yield await (pending.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(pending);
  }
}

/** Runs `task` over all values, at most `concurrency` at a time; the first error stops new work and is thrown. */
export async function forEachConcurrent<T>(
  source: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  task: (value: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failed: { error: unknown } | undefined;
  for await (const value of source) {
    if (failed) break;
    const started: Promise<void> = task(value)
      .catch((error: unknown) => {
        failed ??= { error };
      })
      .finally(() => running.delete(started));
    running.add(started);
    if (running.size >= concurrency) await Promise.race(running);
  }
  await Promise.all(running);
  if (failed) throw failed.error;
}

interface Offer<T> {
  readonly value: T;
  readonly taken: () => void;
  readonly refused: (error: Error) => void;
}

/**
 * What `produce` puts, one after the other; `put` resolves when the one who takes asks for more, so that no more is held than
 * `produce` puts at the same time. What `produce` throws is thrown at the end. Where nobody takes any more, `put` throws.
 */
export async function* handedOver<T>(produce: (put: (value: T) => Promise<void>) => Promise<void>): AsyncGenerator<T> {
  const offers: Offer<T>[] = [];
  let current: Offer<T> | undefined;
  let [wake, isOpen, ended]: [() => void, boolean, boolean] = [() => undefined, true, false];
  const put = async (value: T): Promise<void> =>
    await new Promise<void>((taken, refused) => {
      if (!isOpen) return refused(new Error('nobody takes what is put'));
      offers.push({ value, taken, refused });
      wake();
    });
  const producing = produce(put).finally(() => {
    ended = true;
    wake();
  });
  producing.catch(ignoreUntilAwaited);
  try {
    for (;;) {
      current = offers.shift();
      if (current) {
        yield current.value;
        current.taken();
      } else if (ended) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    await producing;
  } finally {
    isOpen = false;
    for (const { refused } of current ? [current, ...offers] : offers) refused(new Error('nobody takes what is put'));
    await Promise.allSettled([producing]);
  }
}

// mapOrdered awaits every promise in its turn; this only keeps an early rejection from counting as unhandled.
function ignoreUntilAwaited(): void {
  /* handled when awaited */
}
