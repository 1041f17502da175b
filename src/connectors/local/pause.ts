import { setImmediate } from 'node:timers/promises';

/**
 * Lets timers, sockets and other work run between synchronous file calls: call it once per entry and await the promise
 * when it returns one (about every millisecond). Throws the signal's reason when aborted.
 */
export function createPause(signal: AbortSignal): () => Promise<void> | undefined {
  let since = 0;
  return () => {
    if (++since < 256) return undefined;
    since = 0;
    return letOthersRun(signal);
  };
}

async function letOthersRun(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
