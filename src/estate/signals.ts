import { setMaxListeners } from 'node:events';

/**
 * Aborted when one of the signals is. Every call in flight listens to it: without a word Node takes more than ten listeners
 * for a leak and says so on stderr.
 */
export function sharedSignal(...signals: readonly [AbortSignal, ...AbortSignal[]]): AbortSignal {
  const [first, ...others] = signals;
  const shared = others.length === 0 ? first : AbortSignal.any([first, ...others]);
  setMaxListeners(0, shared);
  return shared;
}
