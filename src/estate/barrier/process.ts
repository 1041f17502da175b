import { basename } from 'node:path';
import type { ProcessHold } from '../../config/barriers.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { startChild, type Child } from './child.ts';
import { findProgram } from './command.ts';
import { failedHold, type Holder } from './contract.ts';
import type { HolderSettings } from './holder.ts';
import { withoutSecrets } from './secrets.ts';

/** Between asking a program to end and ending it, ms. */
const patience = 2000;

/** One program: it holds when it has printed a line, until its standard input is closed. */
export function processHolder({ run, held, env }: ProcessHold, settings: HolderSettings): Holder {
  const { folder, secrets, timeout, runtime } = settings;
  const title = basename(run[0] ?? '');

  function outcome(child: Child, status: number | null | Error): string {
    if (status instanceof Error) return `could not be run: ${withoutSecrets(status.message, secrets)}`;
    const said = withoutSecrets(child.said(), secrets);
    return `ended with ${status === null ? 'a signal' : `status ${status}`}${said === '' ? '' : `: ${said}`}`;
  }
  async function endsWithin(child: Child, ms: number): Promise<number | null | Error | 'waiting'> {
    return await Promise.race([
      child.ended,
      runtime.clock.sleep(ms, undefined, { background: true }).then(() => 'waiting' as const),
    ]);
  }
  /** Asks it to end, and ends it where it does not. */
  async function end(child: Child, ms: number): Promise<number | null | Error | 'waiting'> {
    child.closeInput();
    const status = await endsWithin(child, ms);
    if (status !== 'waiting') return status;
    child.kill('SIGTERM');
    if ((await endsWithin(child, patience)) === 'waiting') child.kill('SIGKILL');
    return status;
  }
  function wasEnded(ms: number): HoldfastError {
    const what = `did not end within ${ms} ms after its input was closed, and was ended`;
    return new HoldfastError('barrier.not-released', `${title} ${what}`);
  }
  async function untilHeld(child: Child): Promise<void> {
    for (;;) {
      const line = await child.line();
      if (line === undefined) {
        throw new HoldfastError('barrier.failed', `${title} ${outcome(child, await child.ended)}, before it held`);
      }
      if (held === undefined || line.trim() === held) return;
    }
  }
  return {
    title,
    async check() {
      await findProgram(run[0] ?? '', env['PATH'] ?? '', folder);
      return `${title} can be run`;
    },
    async hold(signal) {
      const child = startChild(run, { env, folder, clock: runtime.clock });
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      try {
        await Promise.race([untilHeld(child), aborted]);
      } catch (error) {
        throw await failedHold(
          () => error,
          async () => {
            if ((await end(child, patience)) === 'waiting') throw wasEnded(patience);
          },
        );
      }
      let isReleased = false;
      const lost = child.ended.then(
        async (status) =>
          await new Promise<HoldfastError>((resolve) => {
            if (!isReleased) resolve(new HoldfastError('barrier.lost', `${title} ${outcome(child, status)}`));
          }),
      );
      return {
        lost,
        async release() {
          isReleased = true;
          const status = await end(child, timeout);
          if (status === 0) return;
          if (status === 'waiting') throw wasEnded(timeout);
          throw new HoldfastError('barrier.not-released', `${title} ${outcome(child, status)}`);
        },
      };
    },
  };
}
