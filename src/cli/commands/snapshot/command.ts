import type { Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';
import { parseWait } from './wait.ts';

export function addSnapshot(program: Command): void {
  program
    .command('snapshot')
    .description('capture the estate, or the selected part of it')
    .argument('[selectors...]', 'source, type or type/name-pattern; everything where nothing is said')
    .option('--site <name>', 'only resources of this site')
    .option('--tag <key=value>', 'label the snapshot (may be repeated)', collect)
    .option('--resume', 'go on with the newest interrupted snapshot')
    .option('--reread', 'read everything again, also what does not look changed')
    .option(
      '--wait <time>',
      'how long to wait for recovery points at the provider (default 30m; 0: not at all)',
      parseWait,
    )
    .option('--barrier <name>', 'begin its sources while nobody writes (barriers: in holdfast.yaml)')
    .option('--settle [snap]', 'follow the pending recovery points of earlier snapshots to their end (default: of all)')
    .option('--dry-run', 'say what would be captured, store nothing')
    .action((selectors, options, command) =>
      invoke(
        command,
        { verb: 'snapshot', outlivesReader: true, afterInterrupt: 'Go on with holdfast snapshot --resume.' },
        async (context) => (await import('./run.ts')).runSnapshot(context, selectors, options),
      ),
    );
}
