import { HoldfastError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/runtime.ts';

/** Messages of a stream, waited for no longer than wanted. Built without races of promises: those remember each lost one. */
export interface Inbox<Message> {
  /** The next message; undefined when it did not come within `ms`, or was woken. Throws what the stream throws, and when it ended. */
  next(ms: number | undefined, clock: Clock): Promise<Message | undefined>;
  /** Waits for the end of the stream. */
  end(): Promise<void>;
  wake(): void;
}

export function createInbox<Message>(messages: AsyncGenerator<Message, void>): Inbox<Message> {
  let arrived: IteratorResult<Message, void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let asked = false;
  let wake = (): void => undefined;

  function ask(): void {
    if (asked || arrived || failure) return;
    asked = true;
    messages
      .next()
      .then(
        (result) => (arrived = result),
        (error: unknown) => (failure = { error }),
      )
      .finally(() => {
        asked = false;
        wake();
      });
  }
  async function wait(ms: number | undefined, clock: Clock | undefined): Promise<void> {
    const timer = new AbortController();
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (ms !== undefined) clock?.sleep(ms, timer.signal).then(resolve, resolve);
    });
    wake = () => undefined;
    timer.abort();
  }
  function take(): IteratorResult<Message, void> | undefined {
    if (failure) throw failure.error;
    const result = arrived;
    arrived = undefined;
    return result;
  }
  return {
    async next(ms, clock) {
      ask();
      if (!arrived && !failure) await wait(ms, clock);
      const result = take();
      if (result?.done) throw new HoldfastError('item.unavailable', 'the server ended the stream of WAL');
      return result?.value ?? undefined;
    },
    async end() {
      for (;;) {
        ask();
        if (!arrived && !failure) await wait(undefined, undefined);
        if (take()?.done) return;
      }
    },
    wake: () => wake(),
  };
}
