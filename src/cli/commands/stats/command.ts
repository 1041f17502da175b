import type { Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addStats(program: Command): void {
  program
    .command('stats')
    .description('what snapshots and sources take in the repository, and what forgetting each snapshot would free')
    .argument('[snap]', 'look into this snapshot too')
    .action((snap, _, command) =>
      invoke(command, { verb: 'stats' }, async (context) => (await import('./run.ts')).runStats(context, snap)),
    );
}
