import { setMaxListeners } from 'node:events';

/**
 * A signal for all calls of a run, aborted when one of these is; a single one is returned itself. Every call in flight and every
 * pause between attempts listens to it: without a word Node takes more than ten listeners for a leak and says so on stderr.
 */
export function sharedSignal(...signals: readonly [AbortSignal, ...AbortSignal[]]): AbortSignal {
  const [first, ...others] = signals;
  const shared = others.length === 0 ? first : AbortSignal.any([first, ...others]);
  setMaxListeners(0, shared);
  return shared;
}
