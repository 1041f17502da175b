import { HoldfastError } from '../kernel/errors.ts';
import type { Exit } from './context.ts';
import { createOutput } from './output/output.ts';
import { report } from './run-command.ts';

/** Reports an error outside of any command: wrong usage, or a crash. The options are read from the bare arguments. */
export async function reportBare(error: unknown, args: readonly string[]): Promise<Exit> {
  const output = createOutput({
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    format: args.includes('--json-lines') ? 'json-lines' : args.includes('--json') ? 'json' : 'text',
    quiet: false,
    verbose: args.includes('--verbose'),
    color: !args.includes('--no-color'),
  });
  return await report(error, output);
}

/** What commander says about wrong usage, as an error of ours. */
export function usageError(message: string): HoldfastError {
  const lines = message.replace(/^error: /, '').split('\n');
  return new HoldfastError(
    'usage.invalid',
    lines
      .map((line) => line.trim())
      .join(' ')
      .trim(),
  );
}
