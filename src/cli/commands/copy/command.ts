import { Option, type Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addCopy(program: Command): void {
  program
    .command('copy')
    .description('copy snapshots to another repository, only what is missing there (exit 3 when some cannot be copied)')
    .argument('[snap...]', 'only these (default: all)')
    .option('--to <address>', 'the other repository')
    .addOption(
      new Option(
        '--to-config <file>',
        'the repository of another configuration, with its storage class and lock',
      ).conflicts('to'),
    )
    .option(
      '--to-passphrase-file <file>',
      'its passphrase (or set HOLDFAST_TO_PASSPHRASE; default: that of this repository)',
    )
    .option('--init', 'create it where there is none, so that later copies need not read what it holds')
    .option('--estate <name>', 'only snapshots of this estate')
    .option('--tag <key=value>', 'only those with this tag (may be repeated)', collect)
    .option('--since <time>', 'only those committed at or after this time (2026-11-20, 2026-11-20T02:00Z)')
    .option('--no-wal', 'leave out the write-ahead log that base backups need to be restored to a point in time')
    .option('--dry-run', 'only count what would be copied')
    .action((snaps, options, command) =>
      invoke(command, { verb: 'copy', afterInterrupt: 'Go on with the same holdfast copy.' }, async (context) =>
        (await import('./run.ts')).runCopy(context, snaps, options),
      ),
    );
}
