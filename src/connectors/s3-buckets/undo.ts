import { mapOrdered } from '../../kernel/concurrency.ts';
import type { LoadedContent } from '../../kernel/capture.ts';
import type { Attributes } from '../../kernel/entry.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { UndoFile } from '../contract.ts';
import { createRecorded } from '../recorded.ts';
import { ask, type Bucket } from './bucket.ts';
import type { Failures } from './failures.ts';
import type { ListedVersion } from './listing.ts';
import { detailsOf } from './object-details.ts';
import { loadObject, type ObjectVersion } from './object-read.ts';
import { headersOf } from './put-input.ts';
import { scriptOf, type JsonFields, type PutBack } from './undo-script.ts';

/** A key that is about to be written or deleted. */
export interface KeyBefore {
  readonly key: string;
  /** Newest of what is there: an object or a delete marker. */
  readonly top: ListedVersion | undefined;
}

/** Keys that may be changed: the script puts them back, and they are as it knows them. */
export interface RecordedObjects {
  has(before: KeyBefore): boolean;
}

export interface UndoSettings {
  readonly undo: UndoFile;
  /** `.put-objects` */
  readonly ending: string;
  readonly bucket: Bucket;
  readonly account: string;
  /** The bucket keeps what is overwritten or deleted; otherwise its bytes are saved beside the script. */
  readonly versioned: boolean;
  /** Gets what cannot be put back: it is not to be changed. */
  readonly failures: Failures;
}

const atOnce = 8;

/** Writes, before the first change, what takes it back: a script, and bytes that the bucket would lose. Throws item errors, machine.disk-full. */
export async function recordUndo(settings: UndoSettings, changes: AsyncIterable<KeyBefore>): Promise<RecordedObjects> {
  const { undo, ending, bucket, account } = settings;
  const recorded = createRecorded();
  const where = { bucket: bucket.name, region: bucket.region, account };
  await undo.create(
    `${ending}.sh`,
    scriptOf(
      where,
      backs(settings, changes, (before) => recorded.add(...stateOf(before))),
    ),
  );
  return { has: (before) => recorded.has(...stateOf(before)) };
}

function stateOf({ key, top }: KeyBefore): string[] {
  return [key, ...(top ? [top.kind, String(top.versionId), top.etag, top.lastModified] : [])];
}

async function* backs(
  settings: UndoSettings,
  changes: AsyncIterable<KeyBefore>,
  note: (before: KeyBefore) => void,
): AsyncGenerator<{ readonly key: string; readonly back: PutBack }> {
  let files = 0;
  const found = mapOrdered(changes, atOnce, async (before) => {
    try {
      return { before, back: await backOf(settings, before, () => ++files) };
    } catch (error) {
      // What cannot be read cannot be put back: it stays as it is, and costs itself only.
      if (!isItemError(error)) throw error;
      settings.failures.add(before.key, error);
      return undefined;
    }
  });
  for await (const one of found) {
    if (!one) continue;
    note(one.before);
    yield { key: one.before.key, back: one.back };
  }
}

async function backOf(settings: UndoSettings, { key, top }: KeyBefore, next: () => number): Promise<PutBack> {
  const { bucket, versioned, undo, ending } = settings;
  if (top?.kind !== 'object') return { how: 'delete' };
  const { size, etag, versionId } = top;
  const version: ObjectVersion = { key, versionId, etag, size };
  if (versioned && versionId !== undefined) {
    const { s3, sdk, name, signal } = bucket;
    const command = new sdk.HeadObjectCommand({ Bucket: name, Key: key, VersionId: versionId });
    const answer = await ask(bucket, 'HeadObject', s3.send(command, { abortSignal: signal }), key);
    // All else about it goes along with a copy.
    const headers = fieldsOf(settings, top, detailsOf(answer, {}));
    return { how: 'copy', versionId, size, headers: only(headers, notCopied) };
  }
  const { content, details } = await loadObject(bucket, version, false);
  const file = await undo.create(`${ending}.${next()}`, piecesOf(content));
  return { how: 'put', file, size, headers: fieldsOf(settings, top, details ?? {}) };
}

/** What CopyObject takes from the request or the bucket, not from the source. */
const notCopied =
  /^(StorageClass|ServerSideEncryption|SSEKMSKeyId|BucketKeyEnabled|WebsiteRedirectLocation|ObjectLock.*)$/;

function only(fields: JsonFields, names: RegExp): JsonFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.test(name)));
}

/** As the CLI reads them: dates as text. */
function fieldsOf({ bucket }: UndoSettings, { storageClass }: ListedVersion, details: Attributes): JsonFields {
  const settings = { now: bucket.runtime.clock.now(), identity: (old: string) => old };
  const headers = headersOf({ details, attributes: { storageClass } }, settings);
  return JSON.parse(JSON.stringify(headers)) as JsonFields;
}

async function* piecesOf(content: LoadedContent['content']): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else if (content) yield* content;
}
