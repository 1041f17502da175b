import type { EstateConfig } from '../../../config/contract.ts';
import { openHolder } from '../../../estate/barrier/holder.ts';
import { asHoldfastError, HoldfastError } from '../../../kernel/errors.ts';
import type { CommandContext } from '../../context.ts';
import type { Check } from './run.ts';

/** Whether each barrier could be held; none is. */
export async function* checkBarriers({ runtime, signal }: CommandContext, config: EstateConfig): AsyncGenerator<Check> {
  for (const [name, barrier] of Object.entries(config.barriers ?? {})) {
    const base = { group: 'barriers', name } as const;
    const over = new AbortController();
    const late = new HoldfastError('barrier.failed', `no answer within ${barrier.timeout} ms`);
    const limit = runtime.clock.sleep(barrier.timeout, over.signal, { background: true }).then(
      () => Promise.reject(late),
      () => undefined,
    );
    try {
      const holder = await openHolder(barrier, { runtime, folder: config.folder });
      const said = await Promise.race([holder.check(AbortSignal.any([signal, over.signal])), limit]);
      yield { ...base, outcome: 'ok', said: `${said}; for ${barrier.sources.join(', ')}` };
    } catch (error) {
      const known = asHoldfastError(error);
      yield { ...base, outcome: 'fail', said: known.message, hint: known.hint };
    } finally {
      over.abort();
    }
  }
}
