import { createHash } from 'node:crypto';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedEntry } from '../../kernel/entry.ts';
import { asHoldfastError, HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import { ask } from './bucket.ts';
import { headersOf } from './put-input.ts';
import { checkEtag, type PutSettings } from './upload.ts';

interface Part {
  readonly number: number;
  readonly body: Uint8Array;
  free(): void;
}

/** Uploads in parts of `partSize` (the last one smaller), four at a time; ends the upload without a trace when one fails. */
export async function uploadParts(
  settings: PutSettings,
  key: string,
  entry: CapturedEntry,
  partSize: number,
): Promise<void> {
  const { bucket } = settings;
  const { s3, sdk, name, signal } = bucket;
  const create = new sdk.CreateMultipartUploadCommand({ Bucket: name, Key: key, ...headersOf(entry, settings) });
  const started = await ask(bucket, 'CreateMultipartUpload', s3.send(create, { abortSignal: signal }), key);
  const upload = { Bucket: name, Key: key, UploadId: started.UploadId };
  const done: (CompletedPart & { readonly PartNumber: number })[] = [];
  const sums: Buffer[] = [];
  try {
    await forEachConcurrent(partsOf(settings, entry, partSize), 4, async (part) => {
      try {
        const md5 = createHash('md5').update(part.body).digest();
        sums[part.number - 1] = md5;
        const command = new sdk.UploadPartCommand({
          ...upload,
          PartNumber: part.number,
          Body: part.body,
          ContentLength: part.body.length,
          ContentMD5: md5.toString('base64'),
        });
        const answer = await ask(bucket, 'UploadPart', s3.send(command, { abortSignal: signal }), key);
        done.push({ PartNumber: part.number, ETag: answer.ETag });
      } finally {
        part.free();
      }
    });
    const parts = done.sort((a, b) => a.PartNumber - b.PartNumber);
    const complete = new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } });
    const answer = await ask(bucket, 'CompleteMultipartUpload', s3.send(complete, { abortSignal: signal }), key);
    const expected = `${createHash('md5').update(Buffer.concat(sums)).digest('hex')}-${sums.length}`;
    const kind = started.ServerSideEncryption;
    checkEtag(bucket, key, answer.ETag, kind === undefined ? undefined : { kind }, expected);
  } catch (error) {
    throw await withdrawn(settings, upload, error);
  }
}

/** Ends an upload that failed, and returns why it did. */
async function withdrawn(
  { bucket }: PutSettings,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
  error: unknown,
): Promise<unknown> {
  try {
    // Not tied to the signal: the parts of an upload that nobody ends are kept, and paid for, until somebody finds them.
    const command = new bucket.sdk.AbortMultipartUploadCommand(upload);
    await required(bucket.s3.send(command), 'AbortMultipartUpload', `${bucket.label}/${upload.Key}`);
    return error;
  } catch (abortError) {
    const [failed, left] = [asHoldfastError(error), asHoldfastError(abortError)];
    return new HoldfastError(failed.code, `${failed.message}; and its parts are left behind: ${left.message}`, {
      resource: `${bucket.label}/${upload.Key}`,
      cause: error,
    });
  }
}

async function* partsOf(settings: PutSettings, entry: CapturedEntry, partSize: number): AsyncGenerator<Part> {
  let held: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  let free = await settings.memory.take(Math.min(partSize, entry.size));
  function close(): Part {
    const part = { number: ++number, body: Buffer.concat(held), free };
    held = [];
    size = 0;
    return part;
  }
  try {
    for await (const chunk of settings.captured.read(entry)) {
      for (let at = 0; at < chunk.length;) {
        if (size === partSize) {
          yield close();
          free = await settings.memory.take(partSize);
        }
        const piece = chunk.subarray(at, at + partSize - size);
        held.push(piece);
        at += piece.length;
        size += piece.length;
      }
    }
    yield close();
  } finally {
    free();
  }
}
