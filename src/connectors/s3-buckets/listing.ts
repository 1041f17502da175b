import type * as S3 from '@aws-sdk/client-s3';
import { compareBytes, utf8 } from '../../kernel/bytes.ts';
import { ask, type Bucket } from './bucket.ts';
import { observeOrder } from './wire-order.ts';

/** One version of an object, or one delete marker, as the listing tells it. */
export interface ListedVersion {
  readonly kind: 'object' | 'marker';
  readonly latest: boolean;
  /** Undefined where the bucket was never versioned; `null` (text) for what was written before it was. */
  readonly versionId: string | undefined;
  /** Without quotes; empty for delete markers. */
  readonly etag: string;
  readonly size: number;
  /** ISO 8601; S3 tells whole seconds. */
  readonly lastModified: string;
  readonly storageClass: string;
  /** A temporary copy of an archived object can be read at present. */
  readonly thawed: boolean;
}

/** One key with all that was listed of it, newest first. */
export interface ListedKey {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly versions: readonly ListedVersion[];
}

export interface ListingSettings {
  /** Older versions and delete markers too. */
  readonly versions: boolean;
  readonly prefixes?: readonly string[];
}

interface ListedItem extends ListedVersion {
  readonly key: string;
}

interface Page {
  readonly items: readonly ListedItem[];
  /** Input of the next page. */
  readonly next: object | undefined;
}

/**
 * Every key of the bucket in the byte order of its UTF-8 (the order S3 lists in), one page in memory and the next on its way.
 * Throws an item error about the bucket when a page cannot be read.
 */
export async function* listKeys(bucket: Bucket, settings: ListingSettings): AsyncGenerator<ListedKey> {
  for (const prefix of disjoint(settings.prefixes ?? [''])) {
    let open: { key: string; versions: ListedVersion[] } | undefined;
    for await (const page of pages(bucket, settings.versions, prefix)) {
      for (const { key, ...version } of page.items) {
        if (open?.key === key) {
          open.versions.push(version);
          continue;
        }
        if (open) yield { ...open, bytes: utf8(open.key) };
        open = { key, versions: [version] };
      }
    }
    if (open) yield { ...open, bytes: utf8(open.key) };
  }
}

async function* pages(bucket: Bucket, versions: boolean, prefix: string): AsyncGenerator<Page> {
  const fetch = (next: object): Promise<Page> =>
    versions ? versionsPage(bucket, prefix, next) : currentPage(bucket, prefix, next);
  let coming: Promise<Page> | undefined = fetch({});
  while (coming) {
    const page: Page = await coming;
    coming = page.next === undefined ? undefined : fetch(page.next);
    // Awaited in the next turn; until then a rejection must not count as unhandled.
    coming?.catch(() => undefined);
    yield page;
  }
}

async function currentPage(bucket: Bucket, prefix: string, next: object): Promise<Page> {
  const { sdk, s3, name, signal } = bucket;
  const input: S3.ListObjectsV2CommandInput = {
    Bucket: name,
    Prefix: prefix,
    EncodingType: 'url',
    OptionalObjectAttributes: ['RestoreStatus'],
    ...next,
  };
  const answer = await ask(
    bucket,
    'ListObjectsV2',
    s3.send(new sdk.ListObjectsV2Command(input), { abortSignal: signal }),
  );
  const decode = decoder(answer.EncodingType);
  return {
    items: (answer.Contents ?? []).map((item) => ({
      ...objectFacts(item, decode),
      latest: true,
      versionId: undefined,
    })),
    next: answer.IsTruncated === true ? { ContinuationToken: answer.NextContinuationToken } : undefined,
  };
}

async function versionsPage(bucket: Bucket, prefix: string, next: object): Promise<Page> {
  const { sdk, s3, name, signal } = bucket;
  const command = new sdk.ListObjectVersionsCommand({
    Bucket: name,
    Prefix: prefix,
    EncodingType: 'url',
    OptionalObjectAttributes: ['RestoreStatus'],
    ...next,
  });
  const order = observeOrder(command);
  const answer = await ask(bucket, 'ListObjectVersions', s3.send(command, { abortSignal: signal }));
  const decode = decoder(answer.EncodingType);
  const objects = (answer.Versions ?? []).map((item): ListedItem => ({
    ...objectFacts(item, decode),
    latest: item.IsLatest === true,
    versionId: item.VersionId,
  }));
  const markers = (answer.DeleteMarkers ?? []).map((item): ListedItem => ({
    key: decode(item.Key ?? ''),
    kind: 'marker',
    latest: item.IsLatest === true,
    versionId: item.VersionId,
    etag: '',
    size: 0,
    lastModified: item.LastModified?.toISOString() ?? '',
    storageClass: '',
    thawed: false,
  }));
  return {
    items: newestFirst(order.interleave(objects, markers)),
    next:
      answer.IsTruncated === true
        ? { KeyMarker: decode(answer.NextKeyMarker ?? ''), VersionIdMarker: answer.NextVersionIdMarker }
        : undefined,
  };
}

/**
 * S3 lists each key newest first, and a stable sort by time keeps that order. Stores that list delete markers apart from
 * versions come out right too, but for those of the same second.
 */
function newestFirst(items: readonly ListedItem[]): Page['items'] {
  const bytes = new Map(items.map(({ key }) => [key, utf8(key)]));
  const empty = new Uint8Array(0);
  return [...items].sort(
    (a, b) =>
      compareBytes(bytes.get(a.key) ?? empty, bytes.get(b.key) ?? empty) ||
      Number(b.latest) - Number(a.latest) ||
      Number(b.lastModified > a.lastModified) - Number(b.lastModified < a.lastModified),
  );
}

function objectFacts(
  item: S3._Object | S3.ObjectVersion,
  decode: (key: string) => string,
): Omit<ListedItem, 'latest' | 'versionId'> {
  return {
    key: decode(item.Key ?? ''),
    kind: 'object',
    etag: (item.ETag ?? '').replaceAll('"', ''),
    size: item.Size ?? 0,
    lastModified: item.LastModified?.toISOString() ?? '',
    storageClass: item.StorageClass ?? 'STANDARD',
    thawed: item.RestoreStatus?.RestoreExpiryDate !== undefined && item.RestoreStatus.IsRestoreInProgress !== true,
  };
}

/** Keys may hold characters that XML cannot: S3 escapes them on request and says so. A blank comes as `+`. */
function decoder(encoding: string | undefined): (text: string) => string {
  return encoding === 'url' ? (text) => decodeURIComponent(text.replaceAll('+', ' ')) : (text) => text;
}

/** Sorted, and without those that another one covers, so that no key is listed twice. */
function disjoint(prefixes: readonly string[]): readonly string[] {
  const sorted = [...prefixes].sort((a, b) => compareBytes(utf8(a), utf8(b)));
  return sorted.filter((prefix, i) => !sorted.slice(0, i).some((other) => prefix.startsWith(other)));
}
