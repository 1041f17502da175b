import type { Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addShow(program: Command): void {
  program
    .command('show')
    .description('print the content of one entry')
    .argument('<snap:path>', 'latest:lambda-functions/api/config.json')
    .option('--reveal', 'print it even where it holds secrets')
    .option(
      '--where <column=value...>',
      'rows of a captured table: show latest:postgres/app/public/orders --where id=42',
    )
    .action((reference, options, command) =>
      invoke(command, { verb: 'show' }, async (context) =>
        (await import('./run.ts')).runShow(context, reference, options),
      ),
    );
}
