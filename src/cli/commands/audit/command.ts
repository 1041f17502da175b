import type { Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('show the audit log of the repository and check that its chain is whole (exit 3 when it is not)')
    .option('--verify', 'print only what is wrong, and the head')
    .option(
      '--since <time>',
      'only records from this time on (2026-11-20, 2026-11-20T02:00Z); the chain is checked whole',
    )
    .option(
      '--anchor <number:digest>',
      'a head noted earlier that must be part of the chain (may be repeated)',
      collect,
    )
    .action((options, command) =>
      invoke(command, { verb: 'audit' }, async (context) => (await import('./run.ts')).runAudit(context, options)),
    );
}
