import type { Clock } from '../../kernel/runtime.ts';
import { noEvents } from '../../kernel/events.ts';
import type { Output } from '../output/output.ts';
import { createPlainProgress } from './plain.ts';
import { createTerminalProgress, type Progress, type ProgressTerminal } from './terminal.ts';

export type { Progress } from './terminal.ts';

/** The view that fits where stderr goes: a terminal, a file or pipe, or nothing with --quiet. */
export function createProgress(
  verb: string,
  stderr: ProgressTerminal & { readonly isTTY?: boolean },
  output: Output,
  clock: Pick<Clock, 'now'>,
): Progress {
  if (output.quiet) return { events: noEvents, pause: () => undefined, close: () => undefined };
  return stderr.isTTY && process.env['TERM'] !== 'dumb'
    ? createTerminalProgress(verb, stderr, output, clock)
    : createPlainProgress(verb, output, clock);
}
