import { createHash } from 'node:crypto';
import type { Attributes, CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { compactJson } from '../../kernel/json.ts';
import { ask, type Bucket } from './bucket.ts';
import { comparable } from './comparable.ts';
import type { JsonRecord } from './json-record.ts';
import type { ListedVersion } from './listing.ts';
import { detailsOf, etagIsMd5, type ObjectAnswer } from './object-details.ts';
import { grantsOf, loadObject, partSizeOf, tagsOf, type ObjectVersion } from './object-read.ts';

/** True when a live object has the bytes and the details of a captured one; reads as little as can tell. Throws item errors. */
export async function isSameObject(
  bucket: Bucket,
  key: string,
  live: ListedVersion,
  entry: CapturedEntry,
  captured: CapturedResource,
  identity: (old: string) => string,
): Promise<boolean> {
  const { s3, sdk, name, signal } = bucket;
  const version: ObjectVersion = { key, versionId: undefined, etag: live.etag, size: live.size };
  const command = new sdk.HeadObjectCommand({ Bucket: name, Key: key, IfMatch: `"${live.etag}"` });
  const answer = await ask(bucket, 'HeadObject', s3.send(command, { abortSignal: signal }), key);
  if (!(await sameDetails(bucket, version, answer, withNewKey(entry.details, identity)))) return false;
  if (live.etag === entry.attributes['etag']) return true;
  return await sameBytes(bucket, version, answer, entry, captured);
}

async function sameDetails(
  bucket: Bucket,
  version: ObjectVersion,
  answer: ObjectAnswer,
  wanted: Attributes,
): Promise<boolean> {
  const { tags: capturedTags, acl: capturedAcl } = wanted;
  const tagged = (answer.TagCount ?? 0) > 0 || capturedTags !== undefined;
  const acl = capturedAcl === undefined ? undefined : await grantsOf(bucket, version);
  const details = detailsOf(answer, {
    ...(tagged ? { tags: await tagsOf(bucket, version) } : {}),
    ...(acl === undefined ? {} : { acl }),
  });
  return comparableDetails(details) === comparableDetails(wanted);
}

/** A KMS key that was itself restored has another ARN now. */
function withNewKey(details: Attributes, identity: (old: string) => string): Attributes {
  const encryption = details['encryption'] as JsonRecord | undefined;
  const key = encryption?.['key'];
  return typeof key === 'string' ? { ...details, encryption: { ...encryption, key: identity(key) } } : details;
}

function comparableDetails(details: Attributes): string {
  return compactJson(comparable({ collection: 'objects', key: '', part: 'details' }, details));
}

/**
 * The live ETag is computed again from the captured bytes where S3 makes it from them; only an object encrypted by KMS,
 * or sent in parts of different sizes, is downloaded.
 */
async function sameBytes(
  bucket: Bucket,
  version: ObjectVersion,
  answer: ObjectAnswer,
  entry: CapturedEntry,
  captured: CapturedResource,
): Promise<boolean> {
  const encryption = detailsOf(answer, {})['encryption'];
  if (etagIsMd5(version.etag, encryption)) return (await digest(captured.read(entry), 'md5')) === version.etag;
  const partSize = await partSizeOf(bucket, version);
  if (partSize !== undefined && (await etagOfParts(captured.read(entry), partSize)) === version.etag) return true;
  const { content } = await loadObject(bucket, version, false);
  if (content === undefined || content instanceof Uint8Array) return false;
  return (await digest(content, 'sha256')) === (await digest(captured.read(entry), 'sha256'));
}

/** The ETag S3 gives an object uploaded in parts: the MD5 of the parts' MD5s, a dash, and their number. */
export async function etagOfParts(content: AsyncIterable<Uint8Array>, partSize: number): Promise<string> {
  const whole = createHash('md5');
  let part = createHash('md5');
  let [filled, parts] = [0, 0];
  function close(): void {
    whole.update(part.digest());
    part = createHash('md5');
    parts++;
    filled = 0;
  }
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + partSize - filled);
      part.update(piece);
      at += piece.length;
      filled += piece.length;
      if (filled === partSize) close();
    }
  }
  if (filled > 0 || parts === 0) close();
  return `${whole.digest('hex')}-${parts}`;
}

async function digest(content: AsyncIterable<Uint8Array>, algorithm: 'md5' | 'sha256'): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}
