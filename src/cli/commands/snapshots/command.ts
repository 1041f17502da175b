import type { Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addSnapshots(program: Command): void {
  program
    .command('snapshots')
    .description('list the snapshots of the repository')
    .option('--site <name>', 'only those that hold resources of this site')
    .option('--tag <key=value>', 'only those with this tag (may be repeated)', collect)
    .option('--since <time>', 'only those committed at or after this time (2026-11-20, 2026-11-20T02:00Z)')
    .option('--points', 'the recovery points at the provider that these snapshots name')
    .action((options, command) =>
      invoke(command, { verb: 'snapshots' }, async (context) =>
        (await import('./run.ts')).runSnapshots(context, options),
      ),
    );
}
