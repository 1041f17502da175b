import { access, constants } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import type { CommandHold } from '../../config/barriers.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { startChild, type Child } from './child.ts';
import { failedHold, never, type Holder } from './contract.ts';
import type { HolderSettings } from './holder.ts';
import { withoutSecrets } from './secrets.ts';

/**
 * Holds and releases for this process: a shell of its own session runs the first program, says how it ended, waits until its
 * standard input is closed, and runs the second. So the second runs whatever becomes of this process, and never before the first
 * has ended. It does not mind that nobody reads what it says.
 */
function script(hold: readonly string[], release: readonly string[]): string {
  return [
    "trap '' PIPE",
    `(trap - PIPE; exec ${hold.map(quoted).join(' ')}) </dev/null >/dev/null &`,
    "printf '%s\\n' $!",
    'wait $!',
    "printf '%s\\n' $?",
    'IFS= read -r _',
    'trap - PIPE',
    `exec ${release.map(quoted).join(' ')} </dev/null >/dev/null 2>&1`,
  ].join('\n');
}

/** For sh, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Two programs, of which the second runs in any case once the first was started. */
export function commandHolder({ hold, release, env }: CommandHold, settings: HolderSettings): Holder {
  const { folder, secrets, timeout, runtime } = settings;
  const title = basename(hold[0] ?? '');
  const lettingGo = basename(release[0] ?? '');

  async function letGo(shell: Child): Promise<void> {
    shell.closeInput();
    const waiting = runtime.clock.sleep(timeout, undefined, { background: true }).then(() => 'waiting' as const);
    const status = await Promise.race([shell.ended, waiting]);
    if (status === 0) return;
    const what = status === 'waiting' ? `has not ended after ${timeout} ms` : `ended with status ${String(status)}`;
    throw new HoldfastError('barrier.not-released', `${lettingGo}, which lets go, ${what}`);
  }
  return {
    title,
    async check() {
      for (const [program = ''] of [hold, release]) await findProgram(program, env['PATH'] ?? '', folder);
      return `${title} and ${lettingGo} can be run`;
    },
    async hold(signal) {
      const shell = startChild(['/bin/sh', '-c', script(hold, release)], { env, folder, clock: runtime.clock });
      let pid = 0;
      const stop = (): void => {
        // The first program alone: the shell has the second one still to run.
        if (pid > 0) endProcess(pid);
      };
      signal.addEventListener('abort', stop, { once: true });
      pid = Number(await shell.line());
      if (signal.aborted) stop();
      const status = await shell.line();
      signal.removeEventListener('abort', stop);
      if (status === '0' && !signal.aborted) return { lost: never, release: async () => await letGo(shell) };
      throw await failedHold(
        () => {
          if (signal.aborted) return signal.reason;
          const said = withoutSecrets(shell.said(), secrets);
          const how = status === undefined ? 'could not be run' : `ended with status ${status}`;
          return new HoldfastError('barrier.failed', `${title} ${how}${said === '' ? '' : `: ${said}`}`);
        },
        async () => await letGo(shell),
      );
    },
  };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Throws barrier.failed where a program is not there or cannot be run. */
export async function findProgram(program: string, path: string, folder: string): Promise<void> {
  const folders = program.includes('/') ? [''] : path.split(delimiter);
  for (const one of folders) {
    const file = isAbsolute(program) ? program : resolve(folder, join(one, program));
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return;
  }
  throw new HoldfastError('barrier.failed', `${program} is not there, or cannot be run`, {
    hint: 'Name a program that is there and executable; relative paths begin at the folder of holdfast.yaml.',
  });
}
