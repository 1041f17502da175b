import { Option, type Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addRepair(program: Command): void {
  program
    .command('repair')
    .description('save what can be saved of a damaged repository (exit 4 when something is lost)')
    .option('--read-data', 'look for damage in every byte first, not in the structure alone')
    .option('--remove-damaged', 'delete damaged snapshots and packs once what is whole of them is stored')
    .addOption(
      new Option('--configuration', 'make a lost or damaged configuration again, and stop').conflicts([
        'readData',
        'removeDamaged',
      ]),
    )
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--yes', 'repair without asking')
    .action((options, command) =>
      invoke(
        command,
        { verb: 'repair', afterInterrupt: 'Run holdfast repair again; what is saved is recognised.' },
        async (context) => (await import('./run.ts')).runRepair(context, options),
      ),
    );
}
