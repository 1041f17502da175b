import type { Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addLedger(program: Command): void {
  program
    .command('ledger')
    .description('what could not come back unchanged, and what to do about it now')
    .argument('[snap]', 'snapshot', 'latest')
    .option('--select <selector>', 'only this part of the estate (may be repeated)', collect)
    .option('--site <name>', 'only resources of this site')
    .action((snap, options, command) =>
      invoke(command, { verb: 'ledger' }, async (context) =>
        (await import('./run.ts')).runLedger(context, snap, options),
      ),
    );
}
