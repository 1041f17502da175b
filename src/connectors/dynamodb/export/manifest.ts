import type { S3 } from '@aws-sdk/client-s3';
import { HoldfastError } from '../../../kernel/errors.ts';
import { required } from '../../aws/classify.ts';
import type { FinishedExport } from './request.ts';

/** One file of an export, as its manifest lists it. */
export interface DataFile {
  readonly key: string;
  readonly items: number;
  /** Base64, of the file as it lies in the bucket. */
  readonly md5: string;
  readonly etag: string;
}

/** A line per file; a table of 100 TB has some ten thousand partitions, and a file for each. */
const longestManifest = 64 * 1024 * 1024;

/**
 * The files of an export, out of `manifest-summary.json` and `manifest-files.json` (developer guide, DynamoDB table export
 * output format). Throws item.unreadable where they do not belong to the export or do not agree on its items.
 */
export async function readManifest(s3: S3, made: FinishedExport, resource: string): Promise<DataFile[]> {
  const summary = (await readJson(s3, made.bucket, made.manifest, resource)) as Readonly<Record<string, unknown>>;
  const wrong = (what: string): HoldfastError =>
    new HoldfastError('item.unreadable', `the manifest ${made.manifest} of an export of ${resource} ${what}`, {
      resource,
    });
  if (summary['exportArn'] !== made.arn) throw wrong('is that of another export');
  if (summary['outputFormat'] !== 'DYNAMODB_JSON') throw wrong(`is of the format ${String(summary['outputFormat'])}`);
  const { from, to } = made.time;
  const times =
    from === undefined
      ? [['exportTime', to] as const]
      : ([
          ['exportFromTime', from],
          ['exportToTime', to],
        ] as const);
  for (const [name, time] of times)
    if (Math.abs(Date.parse(String(summary[name])) - time) >= 1000)
      throw wrong(`says ${name} ${String(summary[name])}, and ${new Date(time).toISOString()} was asked for`);
  // Beside the summary: what the summary says of its key lacks the prefix in some versions of the format.
  const folder = made.manifest.slice(0, made.manifest.lastIndexOf('/') + 1);
  const text = await readText(s3, made.bucket, `${folder}manifest-files.json`, resource);
  const prefix = folder.slice(0, Math.max(0, folder.indexOf('AWSDynamoDB/')));
  const files = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => dataFile(line, prefix, wrong));
  const items = files.reduce((sum, file) => sum + file.items, 0);
  if (items !== summary['itemCount'] || (made.items !== undefined && items !== made.items))
    throw wrong(`lists ${items} items in its files, and says ${String(summary['itemCount'])}`);
  return files;
}

function dataFile(line: string, prefix: string, wrong: (what: string) => HoldfastError): DataFile {
  const { itemCount, md5Checksum, etag, dataFileS3Key } = parsed(line, wrong) as Readonly<Record<string, unknown>>;
  if (typeof itemCount !== 'number' || typeof md5Checksum !== 'string' || typeof dataFileS3Key !== 'string')
    throw wrong('has a line that is not understood');
  const key = dataFileS3Key.startsWith(prefix) ? dataFileS3Key : prefix + dataFileS3Key;
  return { key, items: itemCount, md5: md5Checksum, etag: typeof etag === 'string' ? etag : '' };
}

function parsed(text: string, wrong: (what: string) => HoldfastError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('is not JSON');
  }
}

async function readJson(s3: S3, bucket: string, key: string, resource: string): Promise<unknown> {
  const text = await readText(s3, bucket, key, resource);
  return parsed(text, (what) => new HoldfastError('item.unreadable', `${key} of ${resource} ${what}`, { resource }));
}

async function readText(s3: S3, Bucket: string, Key: string, resource: string): Promise<string> {
  const { Body, ContentLength = 0 } = await required(s3.getObject({ Bucket, Key }), 'GetObject', resource);
  if (ContentLength > longestManifest)
    throw new HoldfastError('item.unreadable', `${Key} of ${resource} has ${ContentLength} bytes`, { resource });
  return (await Body?.transformToString('utf8')) ?? '';
}
