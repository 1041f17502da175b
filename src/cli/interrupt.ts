import { HoldfastError } from '../kernel/errors.ts';
import { sharedSignal } from '../kernel/signals.ts';
import { ReaderGone, type Output } from './output/output.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What may end a command before its time. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Nobody reads what the command says: it stops as after a signal, without a word, and at the latest in half a minute. */
  readerGone(): void;
  stop(): void;
}

// For what cannot be stopped in the middle; a process that nobody hears must not stay for ever.
const patienceMs = 30_000;

/** The first signal asks the command to stop where it can go on later; the second leaves at once, with status 130. */
export function onInterrupt(output: Output, beforeExit: () => void): Interrupt {
  const controller = new AbortController();
  let leaving: NodeJS.Timeout | undefined;
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
    signal: sharedSignal(controller.signal),
    readerGone() {
      if (controller.signal.aborted) return;
      leaving = setTimeout(() => process.exit(130), patienceMs).unref();
      controller.abort(new ReaderGone());
    },
    stop() {
      clearTimeout(leaving);
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
