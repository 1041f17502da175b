import { Option, type Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check the machine, configuration, credentials and the store; print the IAM policy')
    .addOption(
      new Option('--policy [purpose]', 'print the least-privilege IAM policy for capture, or restore')
        .choices(['capture', 'restore'] as const)
        .preset('capture' as const),
    )
    .action((options, command) =>
      invoke(command, { verb: 'doctor' }, async (context) => (await import('./run.ts')).runDoctor(context, options)),
    );
}
