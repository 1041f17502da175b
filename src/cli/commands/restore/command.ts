import { Option, type Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';
import { parseDays, thawTierOption } from '../../thaw-options.ts';

export function addRestore(program: Command): void {
  program
    .command('restore')
    .description('bring a snapshot, or any piece of it, back: plan, question, apply, verify, ledger')
    .argument('[snap[:path]]', 'latest, latest:lambda-functions/api, 0197:s3-buckets/uploads/objects/2026')
    .option('--to <target>', 'a directory, or live')
    .option('--region <region>', 'live: into this region')
    .option('--account <name>', 'live: into this account of the configuration')
    .option('--at <time>', 'live: data of this moment, of databases that the provider takes back to any')
    .option('--site <name>', 'only resources of this site')
    .option('--rename <from=to>', 'another name at the target (may be repeated)', collect)
    .addOption(
      new Option('--mode <mode>', 'what may be changed at the target')
        .choices(['create-missing', 'revert-changed', 'exact'] as const)
        .default('create-missing' as const),
    )
    .option('--dry-run', 'print the plan, change nothing')
    .option('--plan-out <file>', 'write the plan to a file and stop')
    .addOption(
      new Option('--plan <file>', 'apply a plan written by --plan-out').conflicts([
        'to',
        'planOut',
        'rename',
        'region',
        'account',
        'at',
        'site',
      ]),
    )
    .addOption(thawTierOption())
    .option('--thaw-days <days>', 'how long thawed copies are kept (default: 7)', parseDays)
    .option('--yes', 'apply without asking; what is archived is thawed only with --thaw-tier')
    .action((reference, options, command) =>
      invoke(
        command,
        { verb: 'restore', afterInterrupt: 'Run the same restore again; what is done is recognised.' },
        async (context) => (await import('./run.ts')).runRestore(context, reference, options),
      ),
    );
}
