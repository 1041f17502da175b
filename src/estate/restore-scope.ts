import { emptyBytes, equalBytes } from '../kernel/bytes.ts';
import type { CapturedResource } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { RestoreRequest } from './restore-contract.ts';
import { findUncaptured, sourcesOfPath, type Uncaptured } from './uncaptured.ts';
import { folderKey, holdsPrefix, notFound, placesOf, resolvePath, startsWith, whereElse } from './paths.ts';

/** Which entries of a resource a restore is about. */
export interface EntryScope {
  readonly collection: string;
  /** A whole key, or what keys begin with. */
  readonly key: Uint8Array;
  readonly exact: boolean;
}

/** What a restore is about: some resources, or a part of one. */
export interface RestoreScope {
  readonly records: readonly ResourceRecord[];
  /** Set when the path leads into the one resource. */
  readonly only?: EntryScope;
}

/**
 * What `type/name[/collection][/path]` and the site select; '' is the whole snapshot. Throws snapshot.path-not-found, and
 * snapshot.nothing-selected where the path holds nothing of the site.
 */
export async function findScope(
  reader: SnapshotReader,
  request: Pick<RestoreRequest, 'path' | 'site'>,
): Promise<RestoreScope> {
  const { path, site } = request;
  const { records: found, only } = await findPath(reader, path);
  const records = found.filter((record) => site === undefined || record.site === site);
  if (records.length === 0) {
    const where = path === '' ? `snapshot ${reader.info.id.slice(0, 8)}` : path;
    throw new HoldfastError(
      'snapshot.nothing-selected',
      `${where} holds nothing${site === undefined ? '' : ` of site ${site}`}`,
      {
        hint: whereElse(reader),
      },
    );
  }
  return { records, ...(only === undefined ? {} : { only }) };
}

/** What of the path of a request the snapshot does not hold. */
export function uncapturedIn(
  reader: Pick<SnapshotReader, 'sources'>,
  { records, only }: RestoreScope,
  { path }: Pick<RestoreRequest, 'path'>,
): Uncaptured[] {
  const asked = records.map((record) => ({ record, only }));
  return findUncaptured(reader, asked, sourcesOfPath(path, asked));
}

async function findPath(reader: SnapshotReader, path: string): Promise<RestoreScope> {
  for (const { resource, rest } of await resolvePath(reader, path)) {
    const key = `${resource.ref.type}/${resource.ref.name}`;
    const records = (await recordsUnder(reader, key)).filter(({ ref }) => ref.name === resource.ref.name);
    if (rest === '') return { records };
    const only = await entryScope(resource, rest);
    if (only) return { records, only };
  }
  const records = await recordsUnder(reader, path === '' ? '' : `${path.replace(/\/$/, '')}/`);
  if (records.length === 0 && path !== '') throw notFound(reader, path);
  return { records };
}

async function recordsUnder(reader: SnapshotReader, prefix: string): Promise<ResourceRecord[]> {
  const records: ResourceRecord[] = [];
  for await (const record of reader.resources(prefix)) records.push(record);
  return records;
}

async function entryScope(resource: CapturedResource, rest: string): Promise<EntryScope | undefined> {
  for (const { collection, key } of placesOf(resource, rest)) {
    if (key.length === 0) return { collection, key: emptyBytes, exact: false };
    const entry = await resource.entry(collection, key);
    if (entry && entry.kind !== 'directory') return { collection, key, exact: true };
    const prefix = folderKey(key);
    if (await holdsPrefix(resource, collection, prefix)) return { collection, key: prefix, exact: false };
  }
  return await prefixScope(resource, rest);
}

/** `db0/user:*`: all keys that begin so, where no key is called that. A tree of files is cut at its folders only. */
async function prefixScope(resource: CapturedResource, rest: string): Promise<EntryScope | undefined> {
  if (!rest.endsWith('*') || resource.ref.type === 'local') return undefined;
  for (const { collection, key } of placesOf(resource, rest)) {
    const prefix = key.subarray(0, -1);
    if (prefix.length > 0 && (await holdsPrefix(resource, collection, prefix)))
      return { collection, key: prefix, exact: false };
  }
  return undefined;
}

export function inScope(scope: EntryScope | undefined, collection: string, key: Uint8Array): boolean {
  if (!scope) return true;
  if (scope.collection !== collection) return false;
  return scope.exact ? equalBytes(scope.key, key) : startsWith(key, scope.key);
}

/** The resource with only those entries of the scope's collection that are in it; other collections stay as they are. */
export function narrowed(resource: CapturedResource, scope: EntryScope): CapturedResource {
  return {
    ...resource,
    async *entries(collection, range) {
      for await (const entry of resource.entries(collection, range)) {
        if (collection !== scope.collection || inScope(scope, collection, entry.key)) yield entry;
      }
    },
    async entry(collection, key) {
      const entry = await resource.entry(collection, key);
      return entry && (collection !== scope.collection || inScope(scope, collection, entry.key)) ? entry : undefined;
    },
  };
}
