import { concatBytes, displayBytes, utf8 } from '../../kernel/bytes.ts';
import type { CaptureSink, NewEntry } from '../../kernel/capture.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { Bucket } from './bucket.ts';
import { listKeys, type ListedKey, type ListedVersion, type ListingSettings } from './listing.ts';
import { loadObject } from './object-read.ts';

export interface ObjectCaptureSettings extends ListingSettings {
  readonly acls: boolean;
}

/** Counts of one pass over a bucket, for the ledger. */
export interface SeenObjects {
  /** The listing was read to its end. */
  readonly complete: boolean;
  readonly newest: string | null;
  /** Objects and older versions; delete markers not counted. */
  readonly objects: number;
  /** Those of the bucket that have a version id. */
  readonly versioned: number;
  readonly archived: number;
}

/**
 * Fills `objects` (the current object of each key) and `versions` (all the others, and the delete markers) from one pass
 * of the listing. Holds one page and the versions of one key.
 */
export async function captureObjects(
  bucket: Bucket,
  sink: CaptureSink,
  settings: ObjectCaptureSettings,
): Promise<SeenObjects> {
  const objects = sink.collection('objects');
  const versions = sink.collection('versions');
  const seen = { complete: true, newest: null as string | null, objects: 0, versioned: 0, archived: 0 };

  function count(version: ListedVersion): void {
    if (version.kind === 'object') seen.objects++;
    if (version.versionId !== undefined && version.versionId !== 'null') seen.versioned++;
    if (isArchived(version)) seen.archived++;
    if (seen.newest === null || version.lastModified > seen.newest) seen.newest = version.lastModified;
  }
  async function addKey(listed: ListedKey): Promise<void> {
    for (const version of listed.versions) count(version);
    const [top] = listed.versions;
    const current = top?.kind === 'object' && top.latest ? top : undefined;
    const older = listed.versions.filter((version) => version !== current).reverse();
    if (current) await objects.add(entryOf(bucket, listed.key, listed.bytes, current, settings.acls));
    if (older.length > 0 && listed.bytes.includes(0)) {
      sink.fail(unorderable(bucket, listed), { collection: 'versions', key: listed.bytes });
      return;
    }
    for (const [i, version] of older.entries())
      await versions.add(entryOf(bucket, listed.key, versionKey(listed.bytes, i + 1), version, settings.acls));
  }
  try {
    for await (const listed of listKeys(bucket, settings)) await addKey(listed);
  } catch (error) {
    if (!isItemError(error)) throw error;
    seen.complete = false;
    sink.fail(error);
  }
  return seen;
}

/**
 * `key`, a zero byte, and eight digits counted from the oldest: a new version does not renumber those before it, and
 * the same history in another bucket gets the same keys (version ids and times would not).
 */
export function versionKey(key: Uint8Array, ordinal: number): Uint8Array {
  return concatBytes([key, utf8(`\0${String(ordinal).padStart(8, '0')}`)]);
}

/** The object's key within a key of `versions`. */
export function objectKeyOf(version: Uint8Array): Uint8Array {
  return version.subarray(0, version.length - 9);
}

export function isArchived(version: ListedVersion): boolean {
  return (version.storageClass === 'GLACIER' || version.storageClass === 'DEEP_ARCHIVE') && !version.thawed;
}

function entryOf(bucket: Bucket, key: string, as: Uint8Array, version: ListedVersion, acls: boolean): NewEntry {
  const { kind, etag, size, lastModified, storageClass, versionId } = version;
  const identity = { lastModified, ...(versionId === undefined ? {} : { versionId }) };
  if (kind === 'marker') {
    return { key: as, kind: 'marker', attributes: { ...identity, deleteMarker: true } };
  }
  const attributes = { ...identity, etag, size, storageClass };
  const fingerprint = fingerprintOf(version);
  if (isArchived(version)) {
    // With the fingerprint it had before: content that was captured before it was archived stays in the snapshots.
    return { key: as, kind: 'marker', fingerprint, attributes: { ...attributes, archived: true }, load: nothing };
  }
  const pinned = { key, etag, size, versionId: versionId === 'null' && version.latest ? undefined : versionId };
  return {
    key: as,
    kind: 'blob',
    fingerprint,
    attributes,
    load: async () => await loadObject(bucket, pinned, acls),
  };
}

/**
 * What changes when content or headers change. Not the storage class: a lifecycle rule changes that alone, and then the
 * content an earlier snapshot read is still right. A thawed copy differs, or its content would count as known to be missing.
 */
export function fingerprintOf({ etag, size, versionId, lastModified, thawed }: ListedVersion): string {
  return [etag, size, versionId ?? '', lastModified, ...(thawed ? ['thawed'] : [])].join(' ');
}

async function nothing(): Promise<object> {
  return await Promise.resolve({});
}

function unorderable(bucket: Bucket, listed: ListedKey): HoldfastError {
  const what = `${bucket.label}/${displayBytes(listed.bytes)}`;
  return new HoldfastError(
    'item.unreadable',
    `the older versions of ${what} are not captured: a zero byte in a key cannot be told from the end of it`,
    { resource: what },
  );
}
