import { compareBytes, concatBytes, displayBytes, parseDisplay, utf8 } from '../kernel/bytes.ts';
import { resourceKey, type CapturedEntry, type CapturedResource } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';

/** A place within a captured resource: a collection ('' is the root) and the bytes of a key or of the folder it is in. */
export interface Place {
  readonly collection: string;
  readonly key: Uint8Array;
}

/** A path of a snapshot, split where the resource ends: `s3-buckets/acme.uploads/objects/a/b`. */
export interface ResolvedPath {
  readonly resource: CapturedResource;
  /** What follows `type/name/`; '' for the whole resource. */
  readonly rest: string;
}

/**
 * Resources a path can mean, the longest name first: names may hold slashes (`team/app`), so that where the name ends
 * is for the snapshot to say. Empty when there is none.
 */
export async function resolvePath(reader: SnapshotReader, path: string): Promise<ResolvedPath[]> {
  const parts = path.split('/');
  const found: ResolvedPath[] = [];
  for (let end = Math.min(parts.length, mostNameParts); end >= 2; end--) {
    const resource = await reader.resource(parts.slice(0, end).join('/'));
    if (resource) found.push({ resource, rest: parts.slice(end).join('/') });
  }
  return found;
}

/** Longer names than this exist nowhere; a key may have hundreds of parts, and each costs a look-up. */
const mostNameParts = 12;

/** What the rest of a path can mean in a resource: an entry at its root, or a collection and a key in it. */
export function placesOf(resource: CapturedResource, rest: string): Place[] {
  const places: Place[] = [{ collection: '', key: parseDisplay(rest) }];
  const slash = rest.indexOf('/');
  const collection = slash === -1 ? rest : rest.slice(0, slash);
  if (collection !== '' && resource.collections.includes(collection)) {
    places.push({ collection, key: parseDisplay(slash === -1 ? '' : rest.slice(slash + 1)) });
  }
  return places;
}

/** Whether any key of the collection begins with the prefix. */
export async function holdsPrefix(
  resource: CapturedResource,
  collection: string,
  prefix: Uint8Array,
): Promise<boolean> {
  for await (const entry of resource.entries(collection, { prefix })) return startsWith(entry.key, prefix);
  return false;
}

/** `collection/key`, or the key alone at the root; never ambiguous for what this room prints. */
export function showPlace({ collection, key }: Place): string {
  return collection === '' ? displayBytes(key) : `${collection}/${displayBytes(key)}`;
}

/** The key as that of a folder: with a final slash, '' for the whole collection. */
export function folderKey(key: Uint8Array): Uint8Array {
  return key.length === 0 || key[key.length - 1] === slashByte ? key : concatBytes([key, utf8('/')]);
}

export const slashByte = 0x2f;

export function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length && compareBytes(key.subarray(0, prefix.length), prefix) === 0;
}

/** Throws snapshot.path-not-found. */
export function notFound(reader: SnapshotReader, path: string): HoldfastError {
  return new HoldfastError('snapshot.path-not-found', `snapshot ${reader.info.id.slice(0, 8)} holds no ${path}`, {
    resource: path,
    hint: whereElse(reader, path.split('/')[0]),
  });
}

/** Why a snapshot may not hold what others do (of a type, where one is named), and where to look for it. */
export function whereElse({ sources }: Pick<SnapshotReader, 'sources'>, type?: string): string {
  const ofType = sources.filter((source) => type === undefined || source.type === type);
  const unlisted = ofType.find(({ expected }) => expected === undefined);
  if (unlisted) {
    const why = unlisted.failures[0]?.message ?? 'the manifest says why';
    return `When it was taken the source ${unlisted.source} could not be listed: ${why}. Earlier ones may hold it: list them with holdfast snapshots.`;
  }
  const known = sources.some((source) => source.type === type || source.source === type);
  if (type === undefined || known || sources.length === 0) return 'List the snapshot with holdfast ls.';
  const names = sources.map(({ source }) => source);
  const shown = names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
  return `It was taken of these sources only: ${shown}. Others are listed by holdfast snapshots.`;
}

/** `type/name/place` of an entry. */
export function entryPath(resource: CapturedResource, collection: string, entry: Pick<CapturedEntry, 'key'>): string {
  return `${resourceKey(resource.ref)}/${showPlace({ collection, key: entry.key })}`;
}
