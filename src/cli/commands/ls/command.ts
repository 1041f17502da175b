import type { Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';

export function addLs(program: Command): void {
  program
    .command('ls')
    .description('list the resources of a snapshot, or the entries of one')
    .argument('<snap[:path]>', 'latest, latest:s3-buckets, latest:s3-buckets/uploads/objects/2026')
    .option('--long', 'kind, size and time of each entry')
    .action((reference, options, command) =>
      invoke(command, { verb: 'ls' }, async (context) => (await import('./run.ts')).runLs(context, reference, options)),
    );
}
