import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HoldfastError } from '../../../kernel/errors.ts';
import { unhex } from '../../../kernel/bytes.ts';
import type { NewKey } from '../../../repository/keys/contract.ts';
import { newIdentity, parsePublicKey, publicTextOf } from '../../../repository/keys/key-text.ts';
import type { CommandContext } from '../../context.ts';
import { readPassphraseFile } from '../../passphrase.ts';
import { askForPassphrase } from '../../questions.ts';
import { readSecretFile } from '../../secret-file.ts';
import { writeKeyFile } from './generate.ts';

export interface NewKeyOptions {
  readonly label?: string;
  readonly newPassphraseFile?: string;
  readonly kms?: readonly string[];
  readonly recipient?: string;
  readonly out?: string;
}

/**
 * What the options say the new key is. A key file is written here, before anything names it: `authority` goes into it, by
 * which its holder knows the repository. Throws repository.no-passphrase where nothing is said and nobody can be asked.
 */
export async function newKeyOf(
  context: CommandContext,
  options: NewKeyOptions,
  role: NewKey['role'],
  authority: string,
): Promise<{ readonly key: NewKey; readonly file?: string }> {
  const { kms, recipient, out } = options;
  if (out !== undefined) {
    const identity = { ...newIdentity(context.runtime), authority: unhex(authority) };
    const file = await writeKeyFile(context, out, role === 'writer' ? 'writer' : 'recovery', identity);
    const publicKey = parsePublicKey(publicTextOf(identity), file);
    return { key: keyOf({ kind: 'recipient', publicKey }, 'key file'), file };
  }
  if (kms !== undefined) return { key: keyOf({ kind: 'kms', keys: kms }, 'AWS KMS') };
  if (recipient !== undefined)
    return { key: keyOf({ kind: 'recipient', publicKey: await publicKeyOf(context, recipient) }, 'recovery key') };
  return { key: keyOf({ kind: 'passphrase', passphrase: await newPassphrase(context, options) }, 'passphrase') };

  function keyOf(by: NewKey['by'], label: string): NewKey {
    return { role, label: options.label ?? label, by };
  }
}

async function newPassphrase(context: CommandContext, { newPassphraseFile }: NewKeyOptions): Promise<string> {
  if (newPassphraseFile !== undefined) return await readPassphraseFile(resolve(context.folder, newPassphraseFile));
  const fromEnvironment = context.env['HOLDFAST_NEW_PASSPHRASE'];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (context.ask) return await askForPassphrase(context, true, 'The new passphrase');
  throw new HoldfastError(
    'repository.no-passphrase',
    'no new passphrase was given and there is no terminal to ask at',
    {
      hint: 'Set HOLDFAST_NEW_PASSPHRASE, or pass --new-passphrase-file, --kms, --recipient or --out.',
    },
  );
}

/** The text itself, or a file with it. */
async function publicKeyOf(context: CommandContext, text: string): Promise<Uint8Array> {
  const file = resolve(context.folder, text);
  const isFile = await access(file).then(
    () => true,
    () => false,
  );
  if (!isFile) return parsePublicKey(text, 'what --recipient says');
  return parsePublicKey(await readSecretFile(file, 'the key file'), file);
}
