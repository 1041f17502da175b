import { basename, resolve } from 'node:path';
import type { SourceConfig } from './contract.ts';
import type { ConfigDocument } from './document.ts';
import { commonSource, type CommonSource } from './grammar.ts';
import { checkValue, mistake } from './issues.ts';
import { showPath, type Mistake } from './mistakes.ts';
import { suggestion } from './nearest.ts';
import { resolveReferences, type Environment, type References } from './references.ts';
import { readNotation, type NotedSource } from './source-notations.ts';
import type { SourceTypes } from './source-types.ts';

/** Types of which a source is one resource under the source's name: patterns select within it and belong to the connector. */
const oneResource = new Set(['postgres', 'redis']);
const commonKeys = new Set(['type', 'name', 'include', 'exclude']);

/** Reads the list of sources; what is wrong with any of them goes to `mistakes`, and that source is left out. */
export async function readSources(
  document: ConfigDocument,
  written: readonly unknown[],
  settings: { readonly env: Environment; readonly types?: SourceTypes | undefined; readonly found: References },
  mistakes: Mistake[],
): Promise<SourceConfig[]> {
  const read = await Promise.all(
    written.map(async (item, index) => {
      const noted = readNotation(item, index);
      if (typeof noted === 'string') {
        mistakes.push(mistake(document, ['sources', index], 'value', noted));
        return undefined;
      }
      return await readSource(document, noted, settings, mistakes);
    }),
  );
  const sources = read.filter((source) => source !== undefined);
  reportDoubleNames(document, written, sources, mistakes);
  return sources;
}

async function readSource(
  document: ConfigDocument,
  noted: NotedSource,
  settings: { readonly env: Environment; readonly types?: SourceTypes | undefined; readonly found: References },
  mistakes: Mistake[],
): Promise<SourceConfig | undefined> {
  const { env, types, found } = settings;
  const keys = (await resolveReferences(document, env, noted.keys, noted.at, true, found)) as typeof noted.keys;
  const common = checkValue(
    document,
    noted.at,
    commonSource,
    pick(keys, (key) => commonKeys.has(key)),
  );
  mistakes.push(...common.mistakes);
  const type = keys['type'];
  if (typeof type !== 'string') return undefined;
  const known = await types?.describe(type);
  if (types && !known) {
    const hint = suggestion(type, types.names);
    const message = `unknown source type ${type}${hint === '' ? `; known are ${types.names.join(', ')}` : hint}`;
    mistakes.push(mistake(document, noted.typeAt, noted.typePart, message));
    return undefined;
  }
  const source = common.value && asSource(document, noted, common.value, keys);
  if (known) {
    const options = source?.options ?? pick(keys, (key) => !commonKeys.has(key));
    const checked = checkValue(document, noted.at, known.options, options);
    // A key such as `includ` belongs to the common ones as much as to the options.
    mistakes.push(...checked.mistakes.map((found) => withCommonSuggestion(found)));
  }
  return source;
}

function asSource(
  document: ConfigDocument,
  noted: NotedSource,
  common: CommonSource,
  keys: Readonly<Record<string, unknown>>,
): SourceConfig {
  const { line, column } = document.position(noted.typeAt, noted.typePart);
  const options = pick(keys, (key) => !commonKeys.has(key));
  const source = { type: common.type, name: common.name ?? common.type, at: `${line}:${column}` };
  if (common.type === 'local') return { ...source, ...localSource(document, common, options) };
  if (oneResource.has(common.type)) return { ...source, ...onlyResource(common, options) };
  const named = namedBySource.has(common.type) ? { ...options, name: source.name } : options;
  return { ...source, include: asList(common.include), exclude: asList(common.exclude), options: named };
}

/** Types whose source is one resource with the source's name, which its connector is told. */
const namedBySource = new Set(['postgres-cluster']);

/** A local source is one folder: its patterns select paths below it and belong to its connector. */
function localSource(
  document: ConfigDocument,
  common: CommonSource,
  options: Readonly<Record<string, unknown>>,
): Pick<SourceConfig, 'name' | 'include' | 'exclude' | 'options'> {
  const path = typeof options['path'] === 'string' ? resolve(document.folder, options['path']) : options['path'];
  const folderName =
    typeof path === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(basename(path)) ? basename(path) : common.type;
  const name = common.name ?? folderName;
  return {
    name,
    include: [],
    exclude: [],
    options: {
      ...options,
      ...('path' in options ? { path } : {}),
      name,
      ...(common.include === undefined ? {} : { include: asList(common.include) }),
      ...(common.exclude === undefined ? {} : { exclude: asList(common.exclude) }),
    },
  };
}

function onlyResource(
  common: CommonSource,
  options: Readonly<Record<string, unknown>>,
): Pick<SourceConfig, 'include' | 'exclude' | 'options'> {
  return {
    include: [],
    exclude: [],
    options: {
      ...options,
      name: common.name ?? common.type,
      ...(common.include === undefined ? {} : { include: asList(common.include) }),
      ...(common.exclude === undefined ? {} : { exclude: asList(common.exclude) }),
    },
  };
}

function reportDoubleNames(
  document: ConfigDocument,
  written: readonly unknown[],
  sources: readonly SourceConfig[],
  mistakes: Mistake[],
): void {
  const seen = new Set<string>();
  for (const source of sources) {
    if (!seen.has(source.name)) {
      seen.add(source.name);
      continue;
    }
    const [line = 1, column = 1] = source.at.split(':').map(Number);
    const index = written.findIndex((_, i) => document.position(['sources', i], 'value').line === line);
    const path = index === -1 ? 'sources' : showPath(['sources', index]);
    mistakes.push({
      line,
      column,
      path,
      message: `another source is named ${source.name}; give this one a name of its own`,
    });
  }
}

function withCommonSuggestion(found: Mistake): Mistake {
  if (found.message !== 'unknown key') return found;
  const key = found.path.split('.').at(-1) ?? '';
  return { ...found, message: `unknown key${suggestion(key, [...commonKeys])}` };
}

function pick(keys: Readonly<Record<string, unknown>>, wanted: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(keys).filter(([key]) => wanted(key)));
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
