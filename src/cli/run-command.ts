import { asHoldfastError, HoldfastError, isCode } from '../kernel/errors.ts';
import { systemRuntime } from '../kernel/runtime.ts';
import type { CommandContext, CommandSettings, Exit } from './context.ts';
import type { GlobalOptions } from './globals.ts';
import { onInterrupt } from './interrupt.ts';
import { errorDocument, renderError } from './output/error.ts';
import { createOutput, ReaderGone, type Output } from './output/output.ts';
import { createProgress } from './progress/index.ts';

/** Runs one command: streams, progress, signals, errors and the exit status are handled here and nowhere else. */
export async function runCommand(
  globals: GlobalOptions,
  settings: CommandSettings,
  run: (context: CommandContext) => Promise<Exit>,
): Promise<Exit> {
  const output = createOutput({
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    format: globals.jsonLines ? 'json-lines' : globals.json ? 'json' : 'text',
    quiet: globals.quiet === true,
    verbose: globals.verbose === true,
    color: globals.color,
    onReaderGone: () => (settings.outlivesReader ? undefined : interrupt.readerGone()),
  });
  const progress = createProgress(settings.verb, process.stderr, output, systemRuntime.clock);
  const interrupt = onInterrupt(output, () => progress.close());
  const closing: (() => Promise<void> | void)[] = [];
  const context: CommandContext = {
    globals,
    env: process.env,
    folder: process.cwd(),
    runtime: systemRuntime,
    output,
    signal: interrupt.signal,
    events(event) {
      progress.events(event);
      if (output.format === 'json-lines') output.jsonLine(event);
    },
    ask: askable(() => progress.pause()),
    onClose: (task) => closing.push(task),
  };
  let exit: Exit;
  try {
    exit = await run(context);
  } catch (error) {
    progress.close();
    exit = isEndOfReader(error, interrupt.signal)
      ? 130
      : await report(interrupted(error, interrupt.signal, settings), output);
  }
  progress.close();
  for (const task of closing.reverse()) {
    try {
      await task();
    } catch (error) {
      // What the command did is done; a failure to let go of something is told, and counts when nothing else went wrong.
      const failed = await report(error, output);
      if (exit === 0) exit = failed;
    }
  }
  interrupt.stop();
  return exit;
}

/** Nobody reads what was said on the way: the work was stopped, and there is nobody to tell. */
function isEndOfReader(error: unknown, { reason }: AbortSignal): boolean {
  if (!(reason instanceof ReaderGone)) return false;
  // Thrown by a write of data: the reader has what it wanted, and the command is done.
  return error === reason || !(error instanceof ReaderGone);
}

/** Prints an error where people and scripts look for it; returns its exit status. */
export async function report(error: unknown, output: Output): Promise<Exit> {
  if (error instanceof ReaderGone) return 0;
  const known = asHoldfastError(error);
  for (const line of renderError(known, { verbose: output.verbose, colors: output.errorColors })) output.alert(line);
  if (output.format === 'text') return known.row.exit;
  try {
    if (output.format === 'json') await output.document(errorDocument(known));
    else output.jsonLine({ type: 'error', ...errorDocument(known) });
  } catch (broken) {
    if (!(broken instanceof ReaderGone)) output.alert(`stdout: ${asHoldfastError(broken).message}`);
  }
  return known.row.exit;
}

function interrupted(error: unknown, signal: AbortSignal, settings: CommandSettings): unknown {
  if (!signal.aborted || error instanceof ReaderGone) return error;
  // A verb that was stopped in the middle says best how to go on.
  if (isCode(error, 'run.interrupted') && error !== signal.reason) return error;
  const details = {
    hint: settings.afterInterrupt ?? 'Run the command again.',
    ...(error === signal.reason ? {} : { cause: error }),
  };
  return new HoldfastError('run.interrupted', `${settings.verb} was interrupted`, details);
}

function askable(pause: () => void): CommandContext['ask'] {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return () => {
    pause();
    return { input: process.stdin, output: process.stderr };
  };
}
