import { utf8 } from '../kernel/bytes.ts';
import { resourceKey, type CapturedEntry, type CapturedResource } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import { canonicalJson } from '../kernel/json.ts';
import type { ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { Listing } from './contract.ts';
import { folder, levelOf } from './level.ts';
import { entryPath, folderKey, holdsPrefix, notFound, placesOf, resolvePath, type ResolvedPath } from './paths.ts';

/**
 * Lists one level of a snapshot: '' and `type` give resources, anything deeper gives entries, as a directory would.
 * Throws snapshot.path-not-found.
 */
export async function list(reader: SnapshotReader, path: string): Promise<Listing> {
  for (const resolved of await resolvePath(reader, path)) {
    const entries = await entriesAt(resolved);
    if (entries) return { type: 'entries', resource: resourceKey(resolved.resource.ref), entries };
  }
  // A name may hold slashes: `ecr/team` lists ecr/team/app as well.
  const prefix = path === '' ? '' : `${path.replace(/\/$/, '')}/`;
  const resources: ResourceRecord[] = [];
  for await (const record of reader.resources(prefix)) resources.push(record);
  if (resources.length === 0 && path !== '') throw notFound(reader, path);
  return { type: 'resources', resources };
}

type Listed = AsyncIterable<{ readonly path: string; readonly entry: CapturedEntry }>;

async function entriesAt({ resource, rest }: ResolvedPath): Promise<Listed | undefined> {
  if (rest === '') return rootLevel(resource);
  for (const { collection, key } of placesOf(resource, rest)) {
    const exact = key.length > 0 ? await resource.entry(collection, key) : undefined;
    if (exact && exact.kind !== 'directory') return one(resource, collection, exact);
    const prefix = folderKey(key);
    if (await holdsPrefix(resource, collection, prefix)) return named(resource, collection, prefix);
  }
  return undefined;
}

/** The collections as folders, and the first level of the root. */
async function* rootLevel(resource: CapturedResource): AsyncGenerator<{ path: string; entry: CapturedEntry }> {
  const own = resourceKey(resource.ref);
  for (const collection of resource.collections) {
    if (collection === '') yield* named(resource, '', new Uint8Array(0));
    else yield { path: `${own}/${collection}/`, entry: folder(utf8(`${collection}/`)) };
  }
}

async function* named(resource: CapturedResource, collection: string, prefix: Uint8Array) {
  for await (const entry of levelOf(resource, collection, prefix)) {
    yield { path: entryPath(resource, collection, entry), entry };
  }
}

async function* one(resource: CapturedResource, collection: string, entry: CapturedEntry) {
  yield await Promise.resolve({ path: entryPath(resource, collection, entry), entry });
}

/**
 * The content of one entry. What has no content (a link, a delete marker) is shown as its facts. Throws
 * snapshot.path-not-found; usage.invalid for folders, and for secrets unless `reveal` is set.
 */
export async function show(
  reader: SnapshotReader,
  path: string,
  reveal: boolean,
): Promise<{ readonly entry: CapturedEntry; readonly content: AsyncIterable<Uint8Array> }> {
  let isFolder = false;
  for (const { resource, rest } of await resolvePath(reader, path)) {
    isFolder ||= rest === '';
    for (const { collection, key } of placesOf(resource, rest)) {
      const entry = key.length > 0 ? await resource.entry(collection, key) : undefined;
      if (entry && entry.kind !== 'directory') return { entry, content: contentOf(resource, entry, path, reveal) };
      isFolder ||= await holdsPrefix(resource, collection, folderKey(key));
    }
  }
  if (!isFolder) throw notFound(reader, path);
  throw new HoldfastError('usage.invalid', `${path} is a folder`, {
    resource: path,
    hint: 'List it with holdfast ls, or take it out with holdfast restore --to DIR.',
  });
}

function contentOf(
  resource: CapturedResource,
  entry: CapturedEntry,
  path: string,
  reveal: boolean,
): AsyncIterable<Uint8Array> {
  if (entry.secret && !reveal) {
    throw new HoldfastError('usage.invalid', `${path} is a secret and is not shown`, {
      resource: path,
      hint: 'Pass --reveal to show it.',
    });
  }
  const hasContent = entry.kind === 'document' || entry.kind === 'blob' || entry.kind === 'row';
  return hasContent ? resource.read(entry) : facts(entry);
}

async function* facts({ kind, attributes, details }: CapturedEntry): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(utf8(canonicalJson({ kind, ...attributes, ...details })));
}
