import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { displayBytes } from '../../kernel/bytes.ts';
import { type Document, type FunctionVersion, text } from './documents.ts';
import { compareText } from './documents.ts';
import { parts } from './parts.ts';
import type { Statement } from './permissions.ts';
import { files, versionFile, type FunctionState } from './state.ts';

// What a snapshot holds never changes, and every action of a plan asks for it.
const known = new WeakMap<CapturedResource, Promise<FunctionState>>();

/** A captured function as `readFunction` would have returned it. Throws item.unreadable when its configuration is missing. */
export async function readCaptured(captured: CapturedResource): Promise<FunctionState> {
  let reading = known.get(captured);
  if (!reading) known.set(captured, (reading = read(captured)));
  return await reading;
}

async function read(captured: CapturedResource): Promise<FunctionState> {
  const keys: string[] = [];
  for await (const entry of captured.entries('')) keys.push(displayBytes(entry.key));
  const config = await captured.entry('', files.config);
  const unread = config?.attributes['unread'];
  const policies = new Map<string, readonly Statement[]>();
  for (const key of keys) {
    const qualifier = /^(?:(?:versions|aliases)\/([^/]+)\/)?policy\.json$/.exec(key);
    if (qualifier) policies.set(qualifier[1] ?? '', await list(captured, key));
  }
  const numbers = keys.flatMap((key) => /^versions\/(\d+)\/config\.json$/.exec(key)?.[1] ?? []);
  const versions: FunctionVersion[] = [];
  for (const number of numbers.sort((a, b) => Number(a) - Number(b)))
    versions.push(await capturedVersion(captured, number));
  return {
    latest: await capturedVersion(captured, '$LATEST'),
    versions,
    aliases: await list(captured, files.aliases),
    parts: new Map(await Promise.all(parts.map(async (part) => [part.file, await list(captured, part.file)] as const))),
    policies,
    mappings: await list(captured, files.mappings),
    tags: ((await captured.json('', files.tags)) ?? {}) as Record<string, string>,
    unread: new Set((unread ?? []) as readonly string[]),
  };
}

async function capturedVersion(captured: CapturedResource, version: string): Promise<FunctionVersion> {
  const config = await captured.json('', versionFile(version, files.config));
  if (config === undefined)
    throw new HoldfastError('item.unreadable', `the snapshot holds no configuration of version ${version}`, {
      resource: `${captured.ref.type}/${captured.ref.name}`,
    });
  const environment = await captured.json('', versionFile(version, files.environment));
  return {
    version,
    config: config as Document,
    environment: environment as Record<string, string> | undefined,
    codeSize: 0,
    lastModified: '',
  };
}

async function list(captured: CapturedResource, file: string): Promise<Document[]> {
  const found = await captured.json('', file);
  if (found === undefined) return [];
  return (Array.isArray(found) ? found : [found]) as Document[];
}

/** SHA-256 (base64) of each layer version a captured function uses, by ARN, where it could be read. */
export async function capturedLayers(captured: CapturedResource): Promise<ReadonlyMap<string, string>> {
  const layers = (await list(captured, files.layers)).filter((layer) => typeof layer['CodeSha256'] === 'string');
  return new Map(layers.map((layer) => [text(layer['Arn']), text(layer['CodeSha256'])]));
}

/** The files of a state that are documents, in the shape in which they are captured. */
export function documentsOf(state: FunctionState): Map<string, Json> {
  const documents = new Map<string, Json>();
  for (const part of parts) {
    const settings = state.parts.get(part.file) ?? [];
    if (settings.length > 0) documents.set(part.file, part.many ? settings : (settings[0] ?? {}));
  }
  for (const [file, found] of [
    [files.aliases, state.aliases],
    [files.mappings, state.mappings],
  ] as const)
    if (found.length > 0) documents.set(file, found);
  if (Object.keys(state.tags).length > 0) documents.set(files.tags, state.tags);
  return new Map([...documents].sort(([a], [b]) => compareText(a, b)));
}
