import { createHash } from 'node:crypto';
import type { CapturedEntry } from '../../kernel/entry.ts';
import { ask } from './bucket.ts';
import { uploadParts } from './multipart.ts';
import { checksumsOf, headersOf } from './put-input.ts';
import { checkEtag, type PutSettings } from './upload.ts';

const MiB = 1024 * 1024;
/** Larger objects go up in parts. */
const wholeUpTo = 16 * MiB;
const usualPart = 8 * MiB;
/** An object has at most this many parts (Amazon S3 multipart upload limits). */
const mostParts = 10_000;

/** Writes one captured object under `key`. Throws item errors; nothing is visible of an upload that did not end well. */
export async function putObject(settings: PutSettings, key: string, entry: CapturedEntry): Promise<void> {
  const partSize = partSizeFor(entry);
  if (partSize === undefined) await putWhole(settings, key, entry);
  else await uploadParts(settings, key, entry, partSize);
  if (entry.details['acl'] !== undefined) await putAcl(settings, key, entry);
}

/** The part size the object had, so that it gets the same ETag again; undefined: in one piece. */
function partSizeFor(entry: CapturedEntry): number | undefined {
  const had = entry.details['partSize'];
  // Larger parts than this would have to be held in memory: the ETag is given up for it.
  if (typeof had === 'number' && had > 0 && had <= 64 * MiB && entry.size / had <= mostParts) return had;
  if (entry.size <= wholeUpTo) return undefined;
  return Math.max(usualPart, Math.ceil(entry.size / mostParts / MiB) * MiB);
}

async function putWhole(settings: PutSettings, key: string, entry: CapturedEntry): Promise<void> {
  const { bucket, captured } = settings;
  const free = await settings.memory.take(entry.size);
  try {
    const parts: Uint8Array[] = [];
    for await (const part of captured.read(entry)) parts.push(part);
    const body = Buffer.concat(parts);
    const md5 = createHash('md5').update(body).digest();
    const { s3, sdk, name, signal } = bucket;
    const command = new sdk.PutObjectCommand({
      Bucket: name,
      Key: key,
      Body: body,
      ContentLength: body.length,
      ContentMD5: md5.toString('base64'),
      ...checksumsOf(entry),
      ...headersOf(entry, settings),
    });
    const answer = await ask(bucket, 'PutObject', s3.send(command, { abortSignal: signal }), key);
    const encryption = answer.ServerSideEncryption === undefined ? undefined : { kind: answer.ServerSideEncryption };
    checkEtag(bucket, key, answer.ETag, encryption, md5.toString('hex'));
  } finally {
    free();
  }
}

async function putAcl(settings: PutSettings, key: string, entry: CapturedEntry): Promise<void> {
  const { bucket } = settings;
  const { s3, sdk, name, signal } = bucket;
  const read = new sdk.GetObjectAclCommand({ Bucket: name, Key: key });
  const now = await ask(bucket, 'GetObjectAcl', s3.send(read, { abortSignal: signal }), key);
  const own = (now.Grants ?? []).filter((grant) => grant.Grantee?.ID === now.Owner?.ID);
  const command = new sdk.PutObjectAclCommand({
    Bucket: name,
    Key: key,
    AccessControlPolicy: { Owner: now.Owner, Grants: [...own, ...(entry.details['acl'] as never[])] },
  });
  await ask(bucket, 'PutObjectAcl', s3.send(command, { abortSignal: signal }), key);
}
