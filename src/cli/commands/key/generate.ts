import { resolve } from 'node:path';
import { newIdentity, privateKeyText, publicTextOf } from '../../../repository/keys/key-text.ts';
import type { Identity } from '../../../repository/keys/slots.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { writeNew } from '../../write-file.ts';

/** A recovery key, before there is a repository or far from it: its public part is on stdout. */
export async function runKeyGenerate(context: CommandContext, options: { readonly out: string }): Promise<Exit> {
  const { output, runtime } = context;
  const identity = newIdentity(runtime);
  const file = await writeKeyFile(context, options.out, 'recovery', identity);
  const publicKey = publicTextOf(identity);
  output.say(
    `Wrote a recovery key to ${file}. Print it or keep it on a medium in a safe; it is needed for nothing else.`,
  );
  if (output.format === 'text') await output.lines([publicKey]);
  else await output.document({ schema: 1, file, publicKey });
  return 0;
}

/** Writes a new key file that only its owner may read; returns its path. */
export async function writeKeyFile(
  context: CommandContext,
  name: string,
  kind: 'recovery' | 'writer',
  identity: Identity,
): Promise<string> {
  const file = resolve(context.folder, name);
  const made = new Date(context.runtime.clock.now()).toISOString();
  const lines = [
    ...about[kind].map((line) => `# ${line}`),
    `# Made ${made}. Its public part, which is no secret:`,
    `#   ${publicTextOf(identity)}`,
    ...inLines(privateKeyText(kind, identity)),
    '',
  ];
  await writeNew(file, lines.join('\n'), 'secret');
  return file;
}

const about = {
  recovery: [
    'Holdfast recovery key. Whoever has it can read the repositories it was added to, and change who can open them.',
    'Keep it away from every machine that is backed up: on paper, or on a medium in a safe.',
  ],
  writer: [
    'Holdfast writer key. Whoever has it can add snapshots to the repository, and read none, its own included.',
    'Use it with --writer-key FILE or HOLDFAST_WRITER_KEY_FILE.',
  ],
};

/** Short enough for paper: twelve groups a line. */
function inLines(text: string): string[] {
  const [word = '', key = ''] = text.split(': ');
  return [`${word}:`, ...(key.match(/.{1,60}/g) ?? []).map((line) => `  ${line}`)];
}
