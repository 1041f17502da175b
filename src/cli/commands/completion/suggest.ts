import { RootCommand, type Complete } from '@bomb.sh/tab';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { connectorTypes } from '../../../connectors/registry.ts';
import { asHoldfastError } from '../../../kernel/errors.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { buildProgram } from '../../program.ts';
import { isRemote, openConfig, openStore } from '../../wiring.ts';

/** Words that only the estate knows. */
interface Known {
  readonly sources: readonly string[];
  readonly sites: readonly string[];
  readonly snapshots: readonly string[];
}

/** Prints what may stand where the cursor is: `word<TAB>description` lines, as the completion scripts expect. */
export async function runSuggest(context: CommandContext, words: readonly string[]): Promise<Exit> {
  const root = new RootCommand();
  const program = buildProgram();
  const wanted = wantedWords(words);
  const known = await lookUp(context, wanted);
  describe(root, program, known);
  for (const command of program.commands) {
    if (command.name() === 'complete') continue;
    describe(root.command(command.name(), command.description()), command, known);
    for (const inner of command.commands)
      describe(root.command(`${command.name()} ${inner.name()}`, inner.description()), inner, known);
  }
  root.parse([...words]);
  return 0;
}

function describe(target: ReturnType<RootCommand['command']>, command: CommandUnknownOpts, known: Known): void {
  for (const option of command.options) {
    const name = option.long?.slice(2);
    if (name === undefined) continue;
    if (!option.required && !option.optional) target.option(name, option.description);
    else target.option(name, option.description, (complete) => optionValues(name, option.argChoices, known, complete));
  }
  for (const argument of command.registeredArguments) {
    target.argument(
      argument.name(),
      (complete) => {
        for (const choice of argument.argChoices ?? argumentValues(argument.name(), known)) complete(choice, '');
      },
      argument.variadic,
    );
  }
}

function optionValues(name: string, choices: readonly string[] | undefined, known: Known, complete: Complete): void {
  const values = choices ?? { site: known.sites, select: known.sources, to: ['live'] }[name] ?? [];
  for (const value of values) complete(value, '');
}

function argumentValues(name: string, known: Known): readonly string[] {
  if (name === 'selectors') return known.sources;
  return /snap|before|after/.test(name) ? ['latest', ...known.snapshots] : [];
}

const takesSnapshot = new Set(['ls', 'show', 'diff', 'drift', 'verify', 'restore', 'ledger', 'forget', 'stats']);

function wantedWords(words: readonly string[]): { readonly snapshots: boolean } {
  return { snapshots: takesSnapshot.has(words[0] ?? '') };
}

async function lookUp(context: CommandContext, wanted: { readonly snapshots: boolean }): Promise<Known> {
  try {
    const config = await openConfig(context);
    const sources = [...new Set([...config.sources.map((source) => source.name), ...connectorTypes])].sort();
    const sites = Object.keys(config.sites).sort();
    // Cheap only on this machine's own disk; and no passphrase is asked for at a TAB.
    const local = wanted.snapshots && !isRemote(config.repository);
    return { sources, sites, snapshots: local ? await snapshotIds(await openStore(context, config)) : [] };
  } catch (error) {
    // In the middle of typing nobody wants an error; the command itself will tell.
    if (context.output.verbose) context.output.say(asHoldfastError(error).message);
    return { sources: connectorTypes, sites: [], snapshots: [] };
  }
}

/** Newest first. A snapshot's id is the end of its key. */
async function snapshotIds(store: {
  list(prefix: string): AsyncIterable<{ readonly key: string }>;
}): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of store.list('snapshots/')) {
    const id = /([0-9a-f]{32})[^/]*$/.exec(key)?.[1];
    if (id !== undefined) ids.push(id);
  }
  return ids.reverse().slice(0, 20);
}
