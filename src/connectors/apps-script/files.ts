import type { script_v1 as Api } from '@googleapis/script';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { escapedName } from '../documents/names.ts';
import type { ScriptClient } from './client.ts';

export const documents = { project: 'project.json', head: 'head.json', deployments: 'deployments.json' } as const;
export const headFolder = 'head/';
export const versions = 'versions';

/** A file of a script, as it runs: who changed it when is not kept. */
export interface ScriptFile {
  readonly name: string;
  readonly type: string;
  readonly source: string;
}

const endings: Readonly<Record<string, string>> = { SERVER_JS: 'gs', HTML: 'html', JSON: 'json' };

/** `head/lib/dates.gs`: names of files may have slashes. */
export function keyOf({ name, type }: Pick<ScriptFile, 'name' | 'type'>): string {
  return `${headFolder}${escapedName(name)}.${endings[type] ?? 'txt'}`;
}

/** Files in their order, which is the order in which they run. `version` absent: as they are now. Throws item errors. */
export async function readFiles(
  { projects, ask }: ScriptClient,
  scriptId: string,
  resource: string,
  version?: number,
): Promise<ScriptFile[]> {
  const asked = { scriptId, ...(version === undefined ? {} : { versionNumber: version }) };
  const answer = await ask('projects.getContent', resource, (settings) => projects.getContent(asked, settings));
  return (answer.files ?? []).map(toFile);
}

function toFile({ name, type, source }: Api.Schema$File): ScriptFile {
  return { name: name ?? '', type: type ?? '', source: source ?? '' };
}

/** The files that were captured. Throws item.unreadable where the snapshot does not have all of them. */
export async function capturedFiles(captured: CapturedResource, resource: string): Promise<ScriptFile[]> {
  const head = (await captured.json('', documents.head)) as
    | { readonly files: Omit<ScriptFile, 'source'>[] }
    | undefined;
  if (!head) throw missing(resource, 'the files of the project');
  const files: ScriptFile[] = [];
  for (const { name, type } of head.files) {
    const entry = await captured.entry('', keyOf({ name, type }));
    if (!entry) throw missing(resource, name);
    files.push({ name, type, source: Buffer.from(await captured.bytes(entry)).toString('utf8') });
  }
  return files;
}

/** The files of a captured version. Throws item.unreadable where it was not captured. */
export async function versionFiles(captured: CapturedResource, resource: string, n: number): Promise<ScriptFile[]> {
  const version = (await captured.json(versions, `${n}.json`)) as { readonly files: ScriptFile[] } | undefined;
  if (!version) throw missing(resource, `version ${n}`);
  return version.files;
}

function missing(resource: string, what: string): HoldfastError {
  return new HoldfastError('item.unreadable', `the snapshot of ${resource} does not hold ${what}`, { resource });
}

/** Whether two sets of files are the same, in the same order. */
export function sameFiles(a: readonly ScriptFile[], b: readonly ScriptFile[]): boolean {
  return a.length === b.length && a.every((file, i) => sameFile(file, b[i]));
}

export function sameFile(a: ScriptFile, b: ScriptFile | undefined): boolean {
  return b !== undefined && a.name === b.name && a.type === b.type && a.source === b.source;
}
