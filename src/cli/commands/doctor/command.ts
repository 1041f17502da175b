import { InvalidArgumentError, Option, type Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 1 || seconds > 3600) {
    throw new InvalidArgumentError('It must be a number of seconds, 1 to 3600.');
  }
  return seconds;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check the machine, configuration, credentials and the store; print the IAM policy')
    .addOption(
      new Option('--policy [purpose]', 'print the least-privilege IAM policy for capture, or restore')
        .choices(['capture', 'restore'] as const)
        .preset('capture' as const),
    )
    .addOption(
      new Option(
        '--store [address]',
        'try the store alone, and thoroughly: this one, or that of the configuration',
      ).conflicts('policy'),
    )
    .option('--seconds <seconds>', 'with --store: how long it is worked on (default: 30)', parseSeconds)
    .option('--quick', 'with --store: without the work')
    .action((options, command) =>
      invoke(command, { verb: 'doctor' }, async (context) => (await import('./run.ts')).runDoctor(context, options)),
    );
}
