import { Option, type Command } from '@commander-js/extra-typings';
import { collect } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addKey(program: Command): void {
  const key = program.command('key').description('who can open the repository: list, add, rotate, revoke, rekey');
  key
    .command('list')
    .description('the key slots, and which one opened the repository now')
    .action((_, command) =>
      invoke(command, { verb: 'key list' }, async (context) => (await import('./run.ts')).runKeyList(context)),
    );
  withNewKey(key.command('add'))
    .description('another way to open it: a passphrase (the default), AWS KMS keys, or a key file')
    .option('--writer', 'a key that adds snapshots and cannot read any, for hosts that may be broken into')
    .action((options, command) =>
      invoke(command, { verb: 'key add' }, async (context) => (await import('./run.ts')).runKeyAdd(context, options)),
    );
  withNewKey(key.command('rotate'))
    .description('a new key in the place of an old one')
    .argument('<slot>', 'id of the key slot, or its beginning')
    .option('--yes', 'do not ask')
    .action((slot, options, command) =>
      invoke(command, { verb: 'key rotate' }, async (context) =>
        (await import('./run.ts')).runKeyRotate(context, slot, options),
      ),
    );
  key
    .command('revoke')
    .description('take a key slot away; what was written until now stays readable with a copy of it')
    .argument('<slot>', 'id of the key slot, or its beginning')
    .option('--yes', 'do not ask')
    .action((slot, options, command) =>
      invoke(command, { verb: 'key revoke' }, async (context) =>
        (await import('./run.ts')).runKeyRevoke(context, slot, options),
      ),
    );
  key
    .command('rekey')
    .description('seal what is written from now on under new secrets, for all keys but the dropped ones')
    .option('--drop <slot>', 'leave this key slot behind (may be repeated)', collect)
    .option('--yes', 'do not ask')
    .action((options, command) =>
      invoke(command, { verb: 'key rekey' }, async (context) =>
        (await import('./run.ts')).runKeyRekey(context, options),
      ),
    );
  key
    .command('generate')
    .description('make a recovery key for holdfast key add --recipient; needs no repository')
    .requiredOption('--out <file>', 'the new file (mode 0600); keep it offline')
    .action((options, command) =>
      invoke(command, { verb: 'key generate' }, async (context) =>
        (await import('./generate.ts')).runKeyGenerate(context, options),
      ),
    );
}

/** Options that say what the new key is; one of them, or a passphrase is asked for. */
function withNewKey(command: Command) {
  const kinds = ['newPassphraseFile', 'kms', 'recipient', 'out'];
  const only = (option: Option, own: string): Option => option.conflicts(kinds.filter((kind) => kind !== own));
  return command
    .option('--label <text>', 'what people call it')
    .addOption(
      only(
        new Option('--new-passphrase-file <file>', 'read the new passphrase from a file (or HOLDFAST_NEW_PASSPHRASE)'),
        'newPassphraseFile',
      ),
    )
    .addOption(
      only(new Option('--kms <arn>', 'a KMS key; any one suffices (may be repeated)').argParser(collect), 'kms'),
    )
    .addOption(only(new Option('--recipient <key>', 'a public key, or a file that holds one'), 'recipient'))
    .addOption(only(new Option('--out <file>', 'make a key file (mode 0600) that knows this repository'), 'out'));
}
