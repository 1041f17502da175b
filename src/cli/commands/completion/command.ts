import { Argument, type Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'shell').choices(['bash', 'zsh', 'fish'] as const))
    .action((shell, _options, command) =>
      invoke(command, { verb: 'completion' }, async (context) =>
        (await import('./run.ts')).runCompletion(context, shell),
      ),
    );
  // What the script calls at each <TAB>: `holdfast complete -- snapshot --ta`.
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action((words, _options, command) =>
      invoke(command, { verb: 'completion' }, async (context) =>
        (await import('./suggest.ts')).runSuggest(context, words),
      ),
    );
}
