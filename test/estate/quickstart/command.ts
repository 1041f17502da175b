import { spawn } from 'node:child_process';

export interface CommandSettings {
  /** The compiled command line: `dist/cli/main.js`. */
  readonly program: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Where stdout and stderr go; absent: to this process's own terminal. */
  readonly capture?: (text: string) => void;
}

const endLimitMs = 5_000;

/** Runs the command line; its exit status. Throws when it is interrupted. */
export async function runHoldfast(args: readonly string[], settings: CommandSettings): Promise<number> {
  settings.signal.throwIfAborted();
  const { program, folder, env, capture } = settings;
  const output = capture === undefined ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', output, output],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => capture?.(text));
  }
  let last: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    child.kill('SIGINT');
    last = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
  };
  settings.signal.addEventListener('abort', interrupt, { once: true });
  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    settings.signal.throwIfAborted();
    return status;
  } finally {
    settings.signal.removeEventListener('abort', interrupt);
    clearTimeout(last);
  }
}
