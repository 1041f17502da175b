import type { Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addDiscover(program: Command): void {
  program
    .command('discover')
    .description('what is there, what would be captured, what nothing protects')
    .argument('[selectors...]', 'source, type or type/name-pattern; everything where nothing is said')
    .option('--site <name>', 'only resources of this site')
    .option('--all', 'list every resource, not only counts')
    .action((selectors, options, command) =>
      invoke(command, { verb: 'discover' }, async (context) =>
        (await import('./run.ts')).runDiscover(context, selectors, options),
      ),
    );
}
