import { Argument, type Command } from '@commander-js/extra-typings';
import { parsePositive } from '../../globals.ts';
import { invoke } from '../../invoke.ts';
import { profiles } from './profiles.ts';
import { parseShare } from '../verify/share.ts';

export function addLock(program: Command): void {
  const lock = program
    .command('lock')
    .description('keep the objects of the repository locked (Object Lock)')
    .helpCommand(false);
  lock
    .command('status')
    .description('what is locked until when, what hides objects, and whether the bucket keeps locks (exit 1 when not)')
    .option(
      '--read-back [share]',
      'compare the records with what the store says: of all objects, or a share such as 5%',
      parseShare,
    )
    .action((options, command) =>
      invoke(command, { verb: 'lock' }, async (context) => (await import('./run.ts')).runStatus(context, options)),
    );
  lock
    .command('extend')
    .description('extend the locks of all that is kept, or of what some snapshots need; run it on a schedule')
    .argument('[snaps...]', 'only what these snapshots need')
    .option('--until <time>', 'lock until this time at least (default: the days of the configuration, from now)')
    .option('--plan <name>', 'leave out snapshots that this backup plan keeps no longer')
    .option('--per-second <n>', 'calls to the store per second at most', parsePositive)
    .option('--dry-run', 'say what would be extended until when, with requests and price; change nothing')
    .action((snaps, options, command) =>
      invoke(
        command,
        { verb: 'lock', afterInterrupt: 'Run it again: what is extended is recorded.' },
        async (context) => (await import('./run.ts')).runExtend(context, snaps, options),
      ),
    );
  lock
    .command('policy')
    .description('print the policy of credentials that may only do their part, or of the bucket itself')
    .addArgument(new Argument('<profile>', 'whose').choices(profiles))
    .action((profile, _, command) =>
      invoke(command, { verb: 'lock' }, async (context) => (await import('./run.ts')).runPolicy(context, profile)),
    );
}
