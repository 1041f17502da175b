import { Option, type Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';
import { thawTierOption } from '../../thaw-options.ts';

export function addTenant(program: Command): void {
  const tenant = program
    .command('tenant')
    .description('one customer in shared tables and buckets: find, export, restore (tenants: in holdfast.yaml)')
    .helpCommand(false);
  tenant
    .command('list')
    .description('tenants that a snapshot holds')
    .option('--snapshot <snap>', 'of this snapshot', 'latest')
    .action((options, command) =>
      invoke(command, { verb: 'tenant' }, async (context) => (await import('./run.ts')).runList(context, options)),
    );
  tenant
    .command('show')
    .description('what a snapshot holds of a tenant')
    .argument('<tenant>')
    .option('--snapshot <snap>', 'of this snapshot', 'latest')
    .action((name, options, command) =>
      invoke(command, { verb: 'tenant' }, async (context) =>
        (await import('./run.ts')).runShow(context, name, options),
      ),
    );
  tenant
    .command('diff')
    .description('what restoring a tenant exactly would change: missing, changed, new')
    .argument('<tenant>')
    .option('--snapshot <snap>', 'against this snapshot', 'latest')
    .action((name, options, command) =>
      invoke(command, { verb: 'tenant' }, async (context) =>
        (await import('./run.ts')).runRestoreTenant(context, name, { ...options, mode: 'exact', dryRun: true }),
      ),
    );
  tenant
    .command('export')
    .description('write all that a snapshot holds of a tenant to a directory')
    .argument('<tenant>')
    .requiredOption('--to <directory>', 'an empty directory')
    .option('--snapshot <snap>', 'from this snapshot', 'latest')
    .action((name, options, command) =>
      invoke(command, { verb: 'tenant' }, async (context) =>
        (await import('./run.ts')).runExport(context, name, options),
      ),
    );
  tenant
    .command('restore')
    .description('bring a tenant back where it was, and touch nobody else: plan, question, apply, verify, ledger')
    .argument('<tenant>')
    .option('--snapshot <snap>', 'from this snapshot', 'latest')
    .addOption(
      new Option('--mode <mode>', 'what may be changed of the tenant')
        .choices(['create-missing', 'revert-changed', 'exact'] as const)
        .default('create-missing' as const),
    )
    .option('--rename <from=to>', 'another bucket, table or database (may be repeated)', collect)
    .option('--dry-run', 'print the plan, change nothing')
    .option('--plan-out <file>', 'write the plan to a file and stop; apply it with holdfast restore --plan')
    .option(
      '--undo <directory>',
      'where the folder undo-<tenant>-<time> is made, for what takes changes back (default: .)',
    )
    .addOption(thawTierOption())
    .option('--yes', 'apply without asking')
    .action((name, options, command) =>
      invoke(
        command,
        { verb: 'tenant', afterInterrupt: 'Run it again; what is done is recognised.' },
        async (context) => (await import('./run.ts')).runRestoreTenant(context, name, options),
      ),
    );
}
