import type { Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';
import { parseBytes, parseUnused } from './amounts.ts';

export function addPrune(program: Command): void {
  program
    .command('prune')
    .description('delete stored data that no snapshot needs: marks it, and deletes it in a run after the grace')
    .option('--dry-run', 'only show what would be done')
    .option(
      '--max-rewrite <bytes>',
      'read at most so much to rewrite packs partly in use (500M, 5G; 0: none)',
      parseBytes,
    )
    .option('--max-unused <share>', 'of what is in use, so much may lie unused beside it (default: 10%)', parseUnused)
    .option('--archived', 'rewrite packs in archive classes too; they must have been thawed')
    .option('--yes', 'do not ask')
    .action((options, command) =>
      invoke(command, { verb: 'prune' }, async (context) => (await import('./run.ts')).runPrune(context, options)),
    );
}
