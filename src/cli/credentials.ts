import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parsePrivateKey } from '../repository/keys/key-text.ts';
import type { KeyService } from '../repository/keys/kinds/kms.ts';
import type { Identity } from '../repository/keys/slots.ts';
import type { Credentials } from '../repository/keys/unlock.ts';
import type { CommandContext } from './context.ts';
import { givenPassphrase } from './passphrase.ts';
import { askForPassphrase } from './questions.ts';
import { readSecretFile } from './secret-file.ts';

/**
 * All there is to open the repository with. Where a key file is named, no passphrase command is run; a person is asked for a
 * passphrase only where nothing else opened.
 */
export async function repositoryCredentials(context: CommandContext): Promise<Credentials> {
  const { globals, env } = context;
  const recoveryFile = globals.recoveryKey ?? env['HOLDFAST_RECOVERY_KEY_FILE'];
  const writerFile = globals.writerKey ?? env['HOLDFAST_WRITER_KEY_FILE'];
  const recoveryKey = await readKeyFile(context, 'recovery', recoveryFile);
  const writerKey = await readKeyFile(context, 'writer', writerFile);
  const hasFile = recoveryKey !== undefined || writerKey !== undefined;
  const passphrase = await givenPassphrase(context, hasFile);
  return {
    ...(recoveryKey ? { recoveryKey } : {}),
    ...(writerKey ? { writerKey } : {}),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(context.ask ? { askPassphrase: () => askForPassphrase(context, false) } : {}),
    keyService: kmsService(context),
  };
}

/** AWS KMS, with the credentials at hand. Nothing is loaded or asked before a key slot names a KMS key. */
function kmsService(context: CommandContext): KeyService {
  const { env, runtime, signal } = context;
  let opening: Promise<KeyService> | undefined;
  async function open(): Promise<KeyService> {
    const { createKmsClient } = await import('../storage/aws-kms/index.ts');
    const endpoint = [env['AWS_ENDPOINT_URL_KMS'], env['AWS_ENDPOINT_URL']].find(
      (url) => url !== undefined && url !== '',
    );
    const client = createKmsClient({ runtime, signal, ...(endpoint === undefined ? {} : { endpoint }) });
    context.onClose(() => client.close());
    return client;
  }
  function service(): Promise<KeyService> {
    opening ??= open();
    return opening;
  }
  return {
    encrypt: async (...call) => (await service()).encrypt(...call),
    decrypt: async (...call) => (await service()).decrypt(...call),
  };
}

async function readKeyFile(
  context: CommandContext,
  kind: 'recovery' | 'writer',
  named: string | undefined,
): Promise<Identity | undefined> {
  if (named === undefined || named === '') return undefined;
  const path = resolve(context.folder, named);
  const text = await readSecretFile(path, `the ${kind} key file`);
  if (((await stat(path)).mode & 0o077) !== 0)
    context.output.alert(`${path} can be read by other users of this machine: chmod 600 it.`);
  return parsePrivateKey(kind, text, path);
}
