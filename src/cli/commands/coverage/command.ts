import type { Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addCoverage(program: Command): void {
  program
    .command('coverage')
    .description('everything in the accounts that nothing protects (exit 1 when there is any)')
    .option('--within <span>', 'how old the newest snapshot of something may be', '7d')
    .option('--site <name>', 'only resources of this site')
    .action((options, command) =>
      invoke(command, { verb: 'coverage' }, async (context) =>
        (await import('./run.ts')).runCoverage(context, options),
      ),
    );
}
