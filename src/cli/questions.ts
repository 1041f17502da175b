import type { Readable, Writable } from 'node:stream';
import { HoldfastError } from '../kernel/errors.ts';
import type { CommandContext } from './context.ts';

/** Asks for the passphrase without showing it; a new one twice. */
export async function askForPassphrase(
  context: CommandContext,
  fresh: boolean,
  message = fresh
    ? 'Passphrase for the new repository (without it nothing can be restored)'
    : 'Passphrase of the repository',
): Promise<string> {
  const streams = ask(context);
  const { password } = await import('@clack/prompts');
  const first = answer(
    await password({
      ...streams,
      message,
      validate: (value) => ((value ?? '') === '' ? 'It cannot be empty.' : undefined),
    }),
  );
  if (!fresh) return first;
  answer(
    await password({
      ...streams,
      message: 'Once more',
      validate: (value) => (value === first ? undefined : 'It differs from the first one.'),
    }),
  );
  return first;
}

export async function askForText(
  context: CommandContext,
  message: string,
  proposed: string,
  validate: (value: string) => string | undefined = () => undefined,
): Promise<string> {
  const streams = ask(context);
  const { text } = await import('@clack/prompts');
  return answer(
    await text({ ...streams, message, initialValue: proposed, validate: (value) => validate(value ?? '') }),
  );
}

async function askYesNo(context: CommandContext, message: string, proposed: boolean): Promise<boolean> {
  const streams = ask(context);
  const { confirm } = await import('@clack/prompts');
  return answer(await confirm({ ...streams, message, initialValue: proposed }));
}

/**
 * Confirmation of something that changes a target: `typed` is what a person must type for a live one. Throws
 * usage.needs-confirmation where there is nobody to ask, and run.interrupted when the answer is no.
 */
export async function confirmChange(
  context: CommandContext,
  settings: { readonly yes: boolean; readonly question: string; readonly typed?: string },
): Promise<void> {
  if (settings.yes) return;
  if (!context.ask) {
    throw new HoldfastError('usage.needs-confirmation', `nothing was changed: ${settings.question}`);
  }
  const { typed, question } = settings;
  if (typed === undefined) {
    if (!(await askYesNo(context, question, true))) throw declined();
    return;
  }
  const said = await askForText(context, `${question} Type ${typed} to go on`, '');
  if (said.trim() !== typed) throw declined();
}

function declined(): HoldfastError {
  return new HoldfastError('usage.needs-confirmation', 'nothing was changed: the answer was no', {
    hint: 'Look at the plan again with --dry-run.',
  });
}

interface Streams {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
  readonly withGuide: false;
}

function ask(context: CommandContext): Streams {
  if (!context.ask) throw new HoldfastError('usage.needs-confirmation', 'there is no terminal to ask at');
  context.signal.throwIfAborted();
  return { ...context.ask(), signal: context.signal, withGuide: false };
}

/** Ctrl-C at a question is an interruption like any other. */
function answer<T>(value: T): Exclude<T, symbol> {
  if (typeof value === 'symbol') {
    throw new HoldfastError('run.interrupted', 'interrupted at a question', { hint: 'Run the command again.' });
  }
  return value as Exclude<T, symbol>;
}
