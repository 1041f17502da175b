import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { HoldfastError } from '../kernel/errors.ts';
import type { CommandContext } from './context.ts';
import { readSecretFile } from './secret-file.ts';
import { askForPassphrase } from './questions.ts';

/**
 * A passphrase: --passphrase-file, --passphrase-command, HOLDFAST_PASSPHRASE, or a question, in this order. `fresh`: for a
 * new repository; a person types it twice. Throws repository.no-passphrase where there is nobody to ask.
 */
export async function readPassphrase(context: CommandContext, fresh = false): Promise<string> {
  const given = await givenPassphrase(context);
  if (given !== undefined) return given;
  if (context.ask) return await askForPassphrase(context, fresh);
  throw new HoldfastError('repository.no-passphrase', 'no passphrase was given and there is no terminal to ask at');
}

/** The same without a question; undefined where none is given. `quietly`: no command is run for it. */
export async function givenPassphrase(context: CommandContext, quietly = false): Promise<string | undefined> {
  const { globals, env, folder } = context;
  if (globals.passphraseFile !== undefined) return await readPassphraseFile(resolve(folder, globals.passphraseFile));
  if (globals.passphraseCommand !== undefined && !quietly) return await fromCommand(globals.passphraseCommand, folder);
  const fromEnvironment = env['HOLDFAST_PASSPHRASE'];
  return fromEnvironment === '' ? undefined : fromEnvironment;
}

/** A passphrase out of a file. Throws config.secret-missing and repository.no-passphrase. */
export async function readPassphraseFile(path: string): Promise<string> {
  return notEmpty(await readSecretFile(path, 'the passphrase file'), `the passphrase file ${path}`);
}

/** The command may ask by itself: it has the terminal for all but its stdout. Its text is not repeated in errors. */
async function fromCommand(command: string, folder: string): Promise<string> {
  const printed = await new Promise<string>((done, fail) => {
    const child = spawn('/bin/sh', ['-c', command], { cwd: folder, stdio: ['inherit', 'pipe', 'inherit'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', (error) => fail(commandFailed(`it could not be started (${error.message})`)));
    child.on('close', (status, signal) => {
      if (status === 0) done(Buffer.concat(parts).toString('utf8'));
      else fail(commandFailed(status === null ? `it was ended by ${signal}` : `it ended with status ${status}`));
    });
  });
  return notEmpty(printed, 'what the passphrase command printed');
}

function commandFailed(why: string): HoldfastError {
  return new HoldfastError('config.secret-missing', `the passphrase command failed: ${why}`, {
    hint: 'Run the command of --passphrase-command by itself to see why.',
  });
}

/** One line end at the end belongs to the editor or to echo, not to the passphrase. */
function notEmpty(text: string, what: string): string {
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase === '') throw new HoldfastError('repository.no-passphrase', `${what} is empty`);
  return passphrase;
}
