import type { Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addFind(program: Command): void {
  program
    .command('find')
    .description('find resources and entries by name in all snapshots, with their versions')
    .argument('<pattern>', "name pattern: '*.sql', 'local/tools/*', 'dynamodb/carts*'")
    .option('--select <selector>', 'only this part of the estate (may be repeated)', collect)
    .option('--site <name>', 'only resources of this site')
    .option('--since <time>', 'only snapshots committed at or after this time (2026-11-20, 2026-11-20T02:00Z)')
    .action((pattern, options, command) =>
      invoke(command, { verb: 'find' }, async (context) =>
        (await import('./run.ts')).runFind(context, pattern, options),
      ),
    );
}
