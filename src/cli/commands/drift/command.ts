import type { Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addDrift(program: Command): void {
  program
    .command('drift')
    .description('compare a snapshot with the live estate (exit 1 when they differ)')
    .argument('[snap]', 'snapshot', 'latest')
    .option('--select <selector>', 'only this part of the estate (may be repeated)', collect)
    .option('--site <name>', 'only resources of this site')
    .option('--page <file>', 'write the report as a page as well (HTML, one file)')
    .action((snap, options, command) =>
      invoke(command, { verb: 'drift' }, async (context) =>
        (await import('./run.ts')).runDrift(context, snap, options),
      ),
    );
}
