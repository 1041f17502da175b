import { Option, type Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addForget(program: Command): void {
  program
    .command('forget')
    .description('delete snapshots: those named, or those that keep rules let go (exit 4 when some could not be)')
    .argument('[snaps...]', 'delete exactly these')
    .option('--keep-last <n>', 'keep the newest snapshots')
    .option('--keep-hourly <n>', 'keep one for each of so many hours that have one')
    .option('--keep-daily <n>', 'the same for days')
    .option('--keep-weekly <n>', 'for weeks (ISO 8601)')
    .option('--keep-monthly <n>', 'for months')
    .option('--keep-yearly <n>', 'for years')
    .option('--keep-within <span>', 'keep all that are at most so much older than the newest (30d, 1y6m)')
    .option('--keep-within-hourly <span>', 'of those, one an hour')
    .option('--keep-within-daily <span>', 'one a day')
    .option('--keep-within-weekly <span>', 'one a week')
    .option('--keep-within-monthly <span>', 'one a month')
    .option('--keep-within-yearly <span>', 'one a year')
    .option('--keep-tag <key=value>', 'keep those with this tag (may be repeated)', collect)
    .option('--time-zone <zone>', 'whose hours, days, … count (default: UTC)')
    .option('--plan <name>', 'the keep rules of a backup plan of holdfast.yaml')
    .option('--estate <name>', 'whose snapshots (default: the configured estate)')
    .option('--trust-times', 'believe each snapshot its time, also where the store says another')
    .addOption(
      new Option(
        '--simulate <schedule>',
        "show what the rules leave of a schedule: 'daily for 2 years', 'every 6h for 90d'",
      ).conflicts(['estate', 'trustTimes', 'prune']),
    )
    .option('--prune', 'then prune: mark what nobody needs any more, delete what was marked before')
    .option('--dry-run', 'only show what would be kept and why')
    .option('--yes', 'do not ask')
    .action((snaps, options, command) =>
      invoke(command, { verb: 'forget' }, async (context) =>
        (await import('./run.ts')).runForget(context, snaps, options),
      ),
    );
}
