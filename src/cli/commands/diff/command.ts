import type { Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addDiff(program: Command): void {
  program
    .command('diff')
    .description('compare two snapshots')
    .argument('<before>', 'snapshot')
    .argument('<after>', 'snapshot')
    .argument('[path]', 'only this resource, or part of one')
    .action((before, after, path, _options, command) =>
      invoke(command, { verb: 'diff' }, async (context) =>
        (await import('./run.ts')).runDiff(context, before, after, path ?? ''),
      ),
    );
}
