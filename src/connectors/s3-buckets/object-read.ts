import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { HoldfastError } from '../../kernel/errors.ts';
import type { LoadedContent } from '../../kernel/capture.ts';
import type { Attributes } from '../../kernel/entry.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { optional } from '../aws/classify.ts';
import { ask, type Bucket } from './bucket.ts';
import { readBody } from './object-body.ts';
import { detailsOf, etagIsMd5, type ObjectAnswer } from './object-details.ts';
import { getSmall } from './small-object.ts';

/** Names exactly one state of one object: what If-Match and versionId pin down. */
export interface ObjectVersion {
  readonly key: string;
  /** Undefined: the current one. */
  readonly versionId: string | undefined;
  readonly etag: string;
  readonly size: number;
}

const idle = 60_000;

/** Content and details of one version. Throws item errors; so does the stream. */
export async function loadObject(bucket: Bucket, version: ObjectVersion, withAcl: boolean): Promise<LoadedContent> {
  const partSize = await partSizeOf(bucket, version);
  const acl = withAcl ? await grantsOf(bucket, version) : undefined;
  const found = { partSize, acl };
  const small = await getSmall(bucket, version);
  if (small) {
    const { answer, content } = small;
    const details = await describe(bucket, version, answer, found);
    return {
      content,
      ownsMemory: content.byteLength === content.buffer.byteLength,
      details,
      expectedSize: version.size,
    };
  }
  const answer = await getObject(bucket, version, 0);
  try {
    const details = await describe(bucket, version, answer, found);
    const content = readBody({
      what: `${bucket.label}/${version.key}`,
      size: version.size,
      md5: etagIsMd5(version.etag, details['encryption']) ? version.etag : undefined,
      first: bodyOf(answer),
      reopen: async (offset) => bodyOf(await getObject(bucket, version, offset)),
      idle,
      clock: bucket.runtime.clock,
      signal: bucket.signal,
    });
    return { content, details, expectedSize: version.size };
  } catch (error) {
    discard(answer);
    throw error;
  }
}

async function describe(
  bucket: Bucket,
  version: ObjectVersion,
  answer: ObjectAnswer,
  { partSize, acl }: { readonly partSize: number | undefined; readonly acl: Json | undefined },
): Promise<Attributes> {
  const tags = 'TagCount' in answer && (answer.TagCount ?? 0) > 0 ? await tagsOf(bucket, version) : undefined;
  return detailsOf(answer, {
    ...(tags === undefined ? {} : { tags }),
    ...(partSize === undefined ? {} : { partSize }),
    ...(acl === undefined ? {} : { acl }),
  });
}

export async function tagsOf(bucket: Bucket, version: ObjectVersion): Promise<Readonly<Record<string, string>>> {
  const { s3, sdk, name, signal } = bucket;
  const command = new sdk.GetObjectTaggingCommand({ Bucket: name, Key: version.key, ...idOf(version) });
  const answer = await ask(bucket, 'GetObjectTagging', s3.send(command, { abortSignal: signal }), version.key);
  return Object.fromEntries((answer.TagSet ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

/** The size of the first part of a multipart object: uploaded with it again, the object gets the same ETag. */
export async function partSizeOf(bucket: Bucket, version: ObjectVersion): Promise<number | undefined> {
  const parts = Number(/^[0-9a-f]{32}-(\d+)$/.exec(version.etag)?.[1] ?? 0);
  if (parts <= 1) return parts === 0 ? undefined : version.size;
  const { s3, sdk, name, signal } = bucket;
  const command = new sdk.HeadObjectCommand({ Bucket: name, Key: version.key, PartNumber: 1, ...idOf(version) });
  const running = optional(
    s3.send(command, { abortSignal: signal }),
    'HeadObject',
    `${bucket.label}/${version.key}`,
    400,
    405,
    416,
    501,
  );
  return (await ask(bucket, 'HeadObject', running, version.key))?.ContentLength;
}

/** The grants of an object besides its owner's; undefined where there are none. */
export async function grantsOf(bucket: Bucket, version: ObjectVersion): Promise<Json | undefined> {
  const { s3, sdk, name, signal } = bucket;
  const command = new sdk.GetObjectAclCommand({ Bucket: name, Key: version.key, ...idOf(version) });
  const answer = await ask(bucket, 'GetObjectAcl', s3.send(command, { abortSignal: signal }), version.key);
  const others = (answer.Grants ?? []).filter((grant) => grant.Grantee?.ID !== answer.Owner?.ID);
  const plain = others.map((grant) => compactJson(grant as unknown as Json)).sort();
  return plain.length === 0 ? undefined : plain.map((grant) => JSON.parse(grant) as Json);
}

async function getObject(bucket: Bucket, version: ObjectVersion, offset: number): Promise<GetObjectCommandOutput> {
  const { s3, sdk, name, signal } = bucket;
  const command = new sdk.GetObjectCommand({
    Bucket: name,
    Key: version.key,
    IfMatch: `"${version.etag}"`,
    ...idOf(version),
    // The SDK checks whole answers against the checksum they carry (a range has none). CRC-64/NVME runs at a third of
    // the speed of MD5 there, so that it is left to the objects whose ETag is no MD5.
    ...(offset === 0 && version.etag.includes('-') ? { ChecksumMode: 'ENABLED' } : {}),
    ...(offset === 0 ? {} : { Range: `bytes=${offset}-` }),
  });
  askForChecksums(command);
  const answer = await ask(bucket, 'GetObject', s3.send(command, { abortSignal: signal }), version.key);
  if (offset > 0 && answer.ContentRange?.startsWith(`bytes ${offset}-`) !== true) {
    discard(answer);
    throw new HoldfastError(
      'item.damaged',
      `${bucket.label}/${version.key}: asked for the bytes from ${offset} on, got ${answer.ContentRange ?? 'all'}`,
    );
  }
  return answer;
}

/** Has S3 tell the stored checksums without the SDK computing them again. */
function askForChecksums(command: { readonly middlewareStack: unknown }): void {
  const stack = command.middlewareStack as { add(middleware: unknown, options: object): void };
  stack.add(
    (next: (args: HeaderRequest) => Promise<unknown>) => async (args: HeaderRequest) => {
      args.request.headers['x-amz-checksum-mode'] = 'ENABLED';
      return await next(args);
    },
    { step: 'build', name: 'holdfastChecksumMode', override: true },
  );
}

interface HeaderRequest {
  readonly request: { readonly headers: Record<string, string> };
}

function idOf(version: ObjectVersion): { VersionId?: string } {
  return version.versionId === undefined ? {} : { VersionId: version.versionId };
}

function bodyOf(answer: GetObjectCommandOutput): AsyncIterable<Uint8Array> {
  return (answer.Body ?? emptyBody()) as AsyncIterable<Uint8Array>;
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {
  // an object of no bytes may come without a body
}

/** Closes the connection of an answer nobody will read. */
function discard(answer: GetObjectCommandOutput): void {
  (answer.Body as { destroy?: () => void } | undefined)?.destroy?.();
}
