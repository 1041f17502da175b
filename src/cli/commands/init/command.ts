import type { Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addInit(program: Command): void {
  program
    .command('init')
    .description('find the estate, write holdfast.yaml, create the repository')
    .option('--estate <name>', 'name of the estate (default: name of this folder)')
    .option('--region <region>', 'region to protect, the first is home (may be repeated)', collect)
    .option('--local <folder>', 'also protect this folder of this machine (may be repeated)', collect)
    .option('--generate-passphrase <file>', 'make a passphrase and write it to this new file')
    .option('--dry-run', 'print the configuration, write nothing')
    .option('--yes', 'take the defaults, do not ask')
    .action((options, command) =>
      invoke(command, { verb: 'init' }, async (context) => (await import('./run.ts')).runInit(context, options)),
    );
}
