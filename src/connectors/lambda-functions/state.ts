import type { Lambda } from '@aws-sdk/client-lambda';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { isCode, type HoldfastError } from '../../kernel/errors.ts';
import { optional } from '../aws/classify.ts';
import { everyPage, mappingsOf } from './calls.ts';
import {
  mappingOf,
  plainObject,
  sortedBy,
  sortedMappings,
  versionOf,
  without,
  type Document,
  type FunctionVersion,
  text,
} from './documents.ts';
import { parts, readPart } from './parts.ts';
import { readStatements, type Statement } from './permissions.ts';

export interface FunctionVersions {
  readonly latest: FunctionVersion;
  /** Published versions, the lowest number first. */
  readonly versions: readonly FunctionVersion[];
}

/** Everything about a function but its code: read live, or read back from a snapshot. */
export interface FunctionState extends FunctionVersions {
  readonly aliases: readonly Document[];
  /** By file name of `parts`. */
  readonly parts: ReadonlyMap<string, readonly Document[]>;
  /** By qualifier; '' is the function itself. */
  readonly policies: ReadonlyMap<string, readonly Statement[]>;
  readonly mappings: readonly Document[];
  readonly tags: Readonly<Record<string, string>>;
  /** Files that could not be read when this was captured: nothing is known, so nothing is compared. */
  readonly unread: ReadonlySet<string>;
}

export const files = {
  config: 'config.json',
  environment: 'env-vars.json',
  code: 'function.zip',
  image: 'image.json',
  aliases: 'aliases.json',
  layers: 'layers.json',
  mappings: 'event-source-mappings.json',
  tags: 'tags.json',
} as const;

export function versionFile(version: string, file: string): string {
  return version === '$LATEST' ? file : `versions/${version}/${file}`;
}

/** Where the policy of a qualifier lies: versions are numbers, the rest are aliases. */
export function policyFile(qualifier: string): string {
  if (qualifier === '') return 'policy.json';
  return `${/^\d+$/.test(qualifier) ? 'versions' : 'aliases'}/${qualifier}/policy.json`;
}

/** How one failing read is taken: capture reports it and goes on with `instead`, planning throws it. */
export type Attempt = <T>(file: string, instead: T, read: () => Promise<T>) => Promise<T>;

export interface FunctionAddress {
  readonly name: string;
  readonly arn: string;
  /** For messages: `lambda-functions/api`. */
  readonly resource: string;
}

/** What discovery learned of a function by calls that it had to make, or that answer for all functions. Absent: not known. */
export interface KnownFacts {
  /** `$LATEST`, where nothing else was published. */
  readonly latest?: FunctionVersion;
  readonly mappings?: readonly Document[];
  readonly tags?: Readonly<Record<string, string>>;
  /** By file name of `parts`. */
  readonly parts?: Readonly<Record<string, readonly Document[]>>;
}

/** Reads a function, but for what is known. Throws item.not-found when it is not there, and what `attempt` throws. */
export async function readFunction(
  lambda: Lambda,
  { name, arn, resource }: FunctionAddress,
  attempt: Attempt,
  known: KnownFacts = {},
): Promise<FunctionState> {
  const address = { name, arn, resource };
  const first = known.latest ? { latest: known.latest, versions: [] } : await listVersions(lambda, address);
  let gone: HoldfastError | undefined;
  const aliases = await attempt(files.aliases, [], async () => {
    try {
      return await readAliases(lambda, name, resource);
    } catch (error) {
      if (!isCode(error, 'item.not-found')) throw error;
      gone = error;
      return [];
    }
  });
  // The first question about the function itself; others take the same answer for "nothing is set".
  if (gone) throw gone;
  // An alias of a version that was published since is not to lack it.
  const isBehind = known.latest !== undefined && aliases.some(namesVersion);
  const { latest, versions } = isBehind ? await listVersions(lambda, address) : first;
  const qualifiers = ['', ...aliases.map((alias) => text(alias['Name'])), ...versions.map((v) => v.version)];
  const tasks: (() => Promise<void>)[] = [];
  const readParts = new Map<string, readonly Document[]>();
  const policies = new Map<string, readonly Statement[]>();
  let mappings = known.mappings ?? [];
  let tags = known.tags ?? {};
  for (const part of parts) {
    const settings = known.parts?.[part.file];
    if (settings !== undefined) readParts.set(part.file, settings);
    else
      tasks.push(async () => {
        readParts.set(part.file, await attempt(part.file, [], () => readPart(part, lambda, name, resource, versions)));
      });
  }
  for (const qualifier of qualifiers)
    tasks.push(async () => {
      const read = (): Promise<Statement[]> => readStatements(lambda, { name, arn, resource }, qualifier || undefined);
      policies.set(qualifier, await attempt(policyFile(qualifier), [], read));
    });
  if (known.mappings === undefined)
    tasks.push(async () => {
      mappings = await attempt(files.mappings, [], () => readMappings(lambda, arn, resource));
    });
  if (known.tags === undefined)
    tasks.push(async () => {
      tags = await attempt(files.tags, {}, () => readTags(lambda, arn, resource));
    });
  for await (const _ of mapOrdered(tasks, 8, (task) => task()));
  return { latest, versions, aliases, parts: readParts, policies, mappings, tags, unread: new Set() };
}

/** A function's own state has no number. */
function namesVersion({ FunctionVersion }: Document): boolean {
  return FunctionVersion !== undefined && FunctionVersion !== '$LATEST';
}

async function listVersions(lambda: Lambda, { name, resource }: FunctionAddress): Promise<FunctionVersions> {
  const all = await everyPage(
    'ListVersionsByFunction',
    resource,
    (from) => lambda.listVersionsByFunction({ FunctionName: name, ...from }),
    (page) => page.Versions,
  );
  const found = all.map(versionOf);
  return {
    latest: found.find(({ version }) => version === '$LATEST') ?? versionOf({}),
    versions: found
      .filter(({ version }) => version !== '$LATEST')
      .sort((a, b) => Number(a.version) - Number(b.version)),
  };
}

/** `$LATEST` and the published versions; undefined where the function does not exist. */
export async function readVersions(lambda: Lambda, address: FunctionAddress): Promise<FunctionVersions | undefined> {
  const reading = listVersions(lambda, address);
  return await optional(reading, 'ListVersionsByFunction', address.resource, 'ResourceNotFoundException');
}

/** Everything about a live function; undefined where it does not exist. Everything unreadable is thrown. */
export async function readLive(lambda: Lambda, address: FunctionAddress): Promise<FunctionState | undefined> {
  return await optional(
    readFunction(lambda, address, (_file, _instead, read) => read()),
    'ListVersionsByFunction',
    address.resource,
    'ResourceNotFoundException',
  );
}

async function readAliases(lambda: Lambda, name: string, resource: string): Promise<Document[]> {
  const found = await everyPage(
    'ListAliases',
    resource,
    (from) => lambda.listAliases({ FunctionName: name, ...from }),
    (page) => page.Aliases,
  );
  return sortedBy(
    found.map((alias) => without(plainObject(alias), 'AliasArn', 'RevisionId')),
    'Name',
  );
}

export async function readMappings(lambda: Lambda, arn: string, resource: string): Promise<Document[]> {
  return sortedMappings((await mappingsOf(lambda, arn, resource)).map(mappingOf));
}

export async function readTags(lambda: Lambda, arn: string, resource: string): Promise<Record<string, string>> {
  const answer = await optional(lambda.listTags({ Resource: arn }), 'ListTags', resource);
  return answer?.Tags ?? {};
}
