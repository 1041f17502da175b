import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { CommandContext, CommandSettings, Exit } from './context.ts';
import type { GlobalOptions } from './globals.ts';

/** The action of a command. All that runs it is imported now, so that `--help` pays for none of it. */
export async function invoke(
  command: CommandUnknownOpts,
  settings: CommandSettings,
  run: (context: CommandContext) => Promise<Exit>,
): Promise<void> {
  const { runCommand } = await import('./run-command.ts');
  process.exitCode = await runCommand(command.optsWithGlobals() as unknown as GlobalOptions, settings, run);
}
