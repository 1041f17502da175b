import { HoldfastError } from '../kernel/errors.ts';
import type { Output } from './output/output.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal asks the command to stop where it can go on later; the second leaves at once, with status 130. */
export function onInterrupt(output: Output, beforeExit: () => void): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  function interrupt(): void {
    if (controller.signal.aborted) {
      beforeExit();
      process.exit(130);
    }
    output.alert('Stopping; what is done is kept. Once more to leave at once.');
    controller.abort(new HoldfastError('run.interrupted', 'interrupted'));
  }
  for (const name of signals) process.on(name, interrupt);
  return {
    signal: controller.signal,
    stop() {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
