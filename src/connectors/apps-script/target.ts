import { displayBytes } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RestoreContext } from '../contract.ts';
import { scriptClient, type ScriptClient } from './client.ts';
import { isNotThere } from './errors.ts';
import { capturedFiles, documents, keyOf, readFiles, sameFile, type ScriptFile } from './files.ts';
import { nameOf, type AppsScriptOptions } from './options.ts';

/** Where a captured project goes. */
export interface Target {
  readonly context: RestoreContext<AppsScriptOptions>;
  readonly client: ScriptClient;
  readonly captured: CapturedResource;
  readonly resource: string;
  readonly title: string;
  /** The project at the target; undefined: none yet. */
  readonly id: string | undefined;
  /** Whether it is another project than the captured one. */
  readonly isOther: boolean;
}

/** The project of this name in the registry, what this restore made of the captured one, or that one itself. */
export async function targetOf(
  context: RestoreContext<AppsScriptOptions>,
  captured: CapturedResource,
): Promise<Target> {
  const { ref } = captured;
  const resource = `${ref.type}/${ref.name}`;
  const client = await scriptClient(context, 'restore');
  const name = context.rename(ref.name);
  const project = (await captured.json('', documents.project)) as { readonly title?: string } | undefined;
  const made = context.identity(ref.id);
  const named = name === ref.name ? undefined : context.options.scripts.find((script) => nameOf(script) === name)?.id;
  const candidate = made === ref.id && name !== ref.name ? named : made;
  const id = candidate !== undefined && (await isThere(client, candidate, resource)) ? candidate : undefined;
  if (id !== undefined && id !== made) context.learn?.(ref.id, id);
  const title = name === ref.name ? (project?.title ?? name) : name;
  return { context, client, captured, resource, title, id, isOther: id !== ref.id };
}

async function isThere({ projects, ask }: ScriptClient, scriptId: string, resource: string): Promise<boolean> {
  try {
    await ask('projects.get', resource, (settings) => projects.get({ scriptId }, settings));
    return true;
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}

/** The id of a project that must be there by now. */
export function idOf({ id, resource }: Target): string {
  if (id !== undefined) return id;
  throw new HoldfastError('item.not-found', `${resource} is not at the target`, { resource });
}

export interface HeadChange {
  readonly live: readonly ScriptFile[];
  /** All files the project has afterwards: a write replaces every one. */
  readonly wanted: readonly ScriptFile[];
  /** Files that differ or are missing, and those that would go. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What the head would become. In mode exact, of a whole restore, files that were not captured go; else they stay. */
export async function headChange(target: Target): Promise<HeadChange> {
  const { context, captured, resource, client, id, isOther } = target;
  const { only, mode } = context;
  const all = await capturedFiles(captured, resource);
  const chosen = only ? all.filter((file) => displayBytes(only.prefix) === '' || isChosen(file, only.prefix)) : all;
  const live = id === undefined ? [] : await readFiles(client, id, resource);
  const isIn = (files: readonly ScriptFile[], { name, type }: ScriptFile): boolean =>
    files.some((one) => one.name === name && one.type === type);
  const extra = live.filter((file) => !isIn(chosen, file));
  // A new project comes with a manifest and a file of Google's, which nobody wrote.
  const keeps = only !== undefined || (mode !== 'exact' && !isOther);
  const wanted = !keeps ? chosen : merged(live, chosen);
  const changed = chosen.filter(
    (file) =>
      !sameFile(
        file,
        live.find((one) => one.name === file.name),
      ),
  );
  return {
    live,
    wanted,
    changed: changed.map(({ name }) => name),
    removed: keeps ? [] : extra.map(({ name }) => name),
  };
}

function isChosen(file: ScriptFile, prefix: Uint8Array): boolean {
  return Buffer.from(keyOf(file)).subarray(0, prefix.length).equals(prefix);
}

/** The live files with the chosen ones in their places; those that are new come last. */
function merged(live: readonly ScriptFile[], chosen: readonly ScriptFile[]): ScriptFile[] {
  const rest = chosen.filter(({ name }) => !live.some((one) => one.name === name));
  return [...live.map((file) => chosen.find(({ name }) => name === file.name) ?? file), ...rest];
}
