import { isCode } from '../kernel/errors.ts';
import type { Estate } from './contract.ts';

/**
 * Runs a verb between run.started and run.finished. What comes while the estate's signal is aborted counts as interrupted.
 * `outcome` says whether what the verb returned is whole.
 */
export async function reportedRun<T>(
  estate: Estate,
  verb: string,
  task: () => Promise<T>,
  outcome: (result: T) => 'ok' | 'partial',
): Promise<T> {
  const { clock } = estate.runtime;
  estate.events({ type: 'run.started', verb, at: clock.now() });
  try {
    const result = await task();
    estate.events({ type: 'run.finished', verb, at: clock.now(), outcome: outcome(result) });
    return result;
  } catch (error) {
    const interrupted = estate.signal.aborted || isCode(error, 'run.interrupted');
    estate.events({ type: 'run.finished', verb, at: clock.now(), outcome: interrupted ? 'interrupted' : 'failed' });
    throw error;
  }
}
