import type { Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';
import { parseShare } from './share.ts';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('check the repository, or one snapshot of it (exit 3 when there is damage)')
    .argument('[snap]', 'only what this snapshot needs')
    .option('--read-data [share]', 'read and check the data too: all of it, or a share such as 5%', parseShare)
    .option('--against-live', 'compare the snapshot (default: latest) with the live estate too')
    .action((snap, options, command) =>
      invoke(command, { verb: 'verify' }, async (context) =>
        (await import('./run.ts')).runVerify(context, snap, options),
      ),
    );
}
