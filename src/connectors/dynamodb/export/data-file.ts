import type { S3 } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { HoldfastError, isItemError } from '../../../kernel/errors.ts';
import type { Json } from '../../../kernel/json.ts';
import { required } from '../../aws/classify.ts';
import type { ConnectorContext } from '../../contract.ts';
import { readBody } from '../../s3-buckets/object-body.ts';
import type { DataFile } from './manifest.ts';

/** An item has 400 KB at most; in JSON, with both images of a change, that is some times more. */
const longestLine = 16 * 1024 * 1024;
const idleMs = 30_000;

export interface ExportPlace {
  readonly s3: S3;
  readonly bucket: string;
  readonly resource: string;
}

/**
 * The lines of a file of an export, parsed. The file is checked against the ETag and MD5 of the manifest, the lines against its
 * count: throws item.damaged at the end where they differ, after lines were given out. Holds one line at a time.
 */
export async function* readLines(
  context: ConnectorContext,
  place: ExportPlace,
  file: DataFile,
): AsyncGenerator<Readonly<Record<string, Json>>> {
  const unpacked = createGunzip();
  const feeding = pipeline(Readable.from(bytesOf(context, place, file)), unpacked);
  // What goes wrong there ends the reading below with the same error.
  feeding.catch(() => {});
  let lines = 0;
  try {
    for await (const line of splitLines(unpacked as AsyncIterable<Buffer>, place, file)) {
      lines++;
      yield parsed(line, place, file, lines);
    }
    await feeding;
  } catch (error) {
    context.signal.throwIfAborted();
    if (isItemError(error)) throw error;
    throw damaged(place, file, `cannot be read: ${(error as Error).message}`, error);
  } finally {
    unpacked.destroy();
  }
  if (lines !== file.items) throw damaged(place, file, `holds ${lines} lines, and the manifest says ${file.items}`);
}

/** What went wrong is not told as the parser tells it: with a piece of the item. */
function parsed(line: string, place: ExportPlace, file: DataFile, number: number): Readonly<Record<string, Json>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, Json>>;
  } catch {
    throw damaged(place, file, `has a line (${number}) that is not JSON`);
  }
}

async function* bytesOf(
  { runtime, signal }: ConnectorContext,
  place: ExportPlace,
  file: DataFile,
): AsyncGenerator<Uint8Array> {
  const { s3, bucket: Bucket, resource } = place;
  const { key: Key } = file;
  const open = (more: object) => required(s3.getObject({ Bucket, Key, ...more }), 'GetObject', resource);
  const first = await open({});
  const { ContentLength: size = 0, ETag = '' } = first;
  if (file.etag !== '' && ETag.replaceAll('"', '') !== file.etag)
    throw damaged(place, file, `has the ETag ${ETag}, and the manifest says ${file.etag}`);
  yield* readBody({
    what: `${resource}: ${Key}`,
    size,
    md5: Buffer.from(file.md5, 'base64').toString('hex'),
    first: first.Body as unknown as AsyncIterable<Uint8Array>,
    reopen: async (offset) =>
      (await open({ Range: `bytes=${offset}-`, IfMatch: ETag })).Body as unknown as AsyncIterable<Uint8Array>,
    idle: idleMs,
    clock: runtime.clock,
    signal,
  });
}

async function* splitLines(bytes: AsyncIterable<Buffer>, place: ExportPlace, file: DataFile): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end)]).toString('utf8');
      if (line.trim() !== '') yield line;
      begun = [];
      length = 0;
      from = end + 1;
    }
    begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longestLine) throw damaged(place, file, `has a line of more than ${longestLine} bytes`);
  }
  const last = Buffer.concat(begun).toString('utf8');
  if (last.trim() !== '') yield last;
}

function damaged({ resource }: ExportPlace, { key }: DataFile, what: string, cause?: unknown): HoldfastError {
  return new HoldfastError('item.damaged', `${key} of an export of ${resource} ${what}`, {
    resource,
    hint: 'Run holdfast snapshot again: it exports anew.',
    ...(cause === undefined ? {} : { cause }),
  });
}
