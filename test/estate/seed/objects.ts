import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { bytesOf, numberOf, pickOf, textOf } from '../deterministic.ts';
import type { EstateSize } from '../sites.ts';
import type { BucketSpec } from './buckets.ts';

/** What happens to one key, in order: a body is written, or (`undefined`) the key is deleted, which leaves a delete marker. */
export interface ObjectSpec {
  readonly key: string;
  readonly versions: readonly (Omit<PutObjectCommandInput, 'Bucket' | 'Key'> | undefined)[];
}

const kib = 1024;
const mib = 1024 * kib;
const noBytes = new Uint8Array(0);

/** Keys that path handling, URL encoding and directory restores have trouble with. */
const oddKeys: readonly string[] = [
  'reports/2026 Q1/summary (final).txt',
  'unicode/caf\u00e9-nfc.txt',
  'unicode/cafe\u0301-nfd.txt',
  'unicode/日本語/灯籠 🏮.txt',
  'percent/100%25 sure.txt',
  'symbols/a+b=c&d;e,f@g$h!.txt',
  'symbols/hash#and?question.txt',
  'quotes/it\'s "quoted".txt',
  'slashes//double//inside.txt',
  '/leading-slash.txt',
  'trailing-slash/',
  'dir-and-file',
  'dir-and-file/inside.txt',
  'CASE/readme.txt',
  'case/README.txt',
  `long/${'0123456789'.repeat(80)}.txt`,
];

export function objectsOf(bucket: BucketSpec, size: EstateSize): readonly ObjectSpec[] {
  const plain = Array.from({ length: bucket.objects }, (_, index) => plainObject(bucket, index));
  const production = bucket.site === undefined || bucket.site.environment === 'prod';
  switch (bucket.purpose) {
    case 'assets':
      return production ? [...plain, ...oddKeys.map((key) => textObject(bucket, key))] : plain;
    case 'media':
      return production ? [...plain, ...largeObjects(bucket, size)] : plain;
    case 'uploads':
    case 'exports':
    case 'artifacts':
      return [...plain, ...manyVersioned(bucket, size)];
    default:
      return plain;
  }
}

function plainObject(bucket: BucketSpec, index: number): ObjectSpec {
  const label = `${bucket.name}/${index}`;
  const day = String(1 + (index % 28)).padStart(2, '0');
  switch (bucket.purpose) {
    case 'web':
      return one(index === 0 ? 'index.html' : `pages/${index % 7}/page-${index}.html`, {
        Body: `<!doctype html><title>${label}</title><p>${textOf(label, numberOf(label, 300, 9_000))}`,
        ContentType: 'text/html; charset=utf-8',
        CacheControl: 'public, max-age=300',
      });
    case 'media':
      return one(`photos/${index}.jpg`, {
        Body: bytesOf(label, numberOf(label, 20 * kib, 300 * kib)),
        ContentType: 'image/jpeg',
      });
    case 'archive':
      return one(`daily/2026-${day}/dump-${index}.bin`, {
        Body: bytesOf(label, numberOf(label, 2 * kib, 40 * kib)),
        StorageClass: pickOf(label, ['GLACIER', 'DEEP_ARCHIVE', 'STANDARD_IA', 'STANDARD_IA']),
      });
    case 'logs':
    case 'trail':
      return one(`daily/2026/10/${day}/access-${index}.log.gz`, {
        Body: bytesOf(label, numberOf(label, 200, 3_000)),
        ContentEncoding: 'gzip',
        ContentType: 'text/plain',
      });
    case 'audit':
      return one(`events/${index}.json`, {
        Body: JSON.stringify({ index, who: label }),
        ContentType: 'application/json',
        // Required of every write into a bucket with Object Lock.
        ChecksumAlgorithm: 'SHA256',
      });
    default:
      return one(`${bucket.purpose}/${index % 9}/item-${index}.dat`, {
        Body:
          index % 3 === 0 ? bytesOf(label, numberOf(label, 100, 30_000)) : textOf(label, numberOf(label, 100, 20_000)),
        ...(index % 4 === 0 ? { Metadata: { owner: `user-${index}`, 'original-name': `item ${index}.dat` } } : {}),
        ...(index % 5 === 0 ? { Tagging: `tenant=t${index % 3}&state=${encodeURIComponent('to review')}` } : {}),
        ...(index % 6 === 0 ? { ContentDisposition: `attachment; filename="item-${index}.dat"` } : {}),
        ...(index % 11 === 0 ? { ContentLanguage: 'en', Expires: new Date('2030-01-01T00:00:00Z') } : {}),
      });
  }
}

function textObject(bucket: BucketSpec, key: string): ObjectSpec {
  return one(key, {
    Body: key.endsWith('/') ? noBytes : textOf(`${bucket.name}/${key}`, 400),
    ContentType: 'text/plain',
  });
}

/** Some with repeats inside, so that chunking has something to find; the largest is past the usual multipart threshold. */
function largeObjects(bucket: BucketSpec, size: EstateSize): ObjectSpec[] {
  const unit = size === 'full' ? mib : 64 * kib;
  // One of 20 MiB is enough to show it: the emulators' pace is what the quickstart waits for.
  const sizes = bucket.name.startsWith('queenofsandiego') ? [2, 5, 20] : [2, 5];
  return sizes.map((units, index) => {
    const label = `${bucket.name}/large/${index}`;
    const half = bytesOf(label, Math.floor((units * unit) / 2));
    return one(`films/film-${index}.mp4`, { Body: Buffer.concat([half, half]), ContentType: 'video/mp4' });
  });
}

/** Histories: many versions, deleted at the end, deleted and written again, and one with an empty body between. */
function manyVersioned(bucket: BucketSpec, size: EstateSize): ObjectSpec[] {
  const version = (key: string, index: number): ObjectSpec['versions'][number] => ({
    Body: textOf(`${bucket.name}/${key}/${index}`, 500 + 37 * index),
    ContentType: 'text/plain',
    Metadata: { revision: String(index) },
  });
  const history = (key: string, count: number): ObjectSpec['versions'] =>
    Array.from({ length: count }, (_, index) => version(key, index));
  const most = size === 'full' && bucket.purpose === 'uploads' && bucket.site?.environment === 'prod' ? 40 : 6;
  return [
    { key: 'history/ledger.txt', versions: history('ledger', most) },
    { key: 'history/deleted.txt', versions: [...history('deleted', 2), undefined] },
    { key: 'history/back-again.txt', versions: [...history('back', 1), undefined, version('back', 1)] },
    { key: 'history/emptied.txt', versions: [version('emptied', 0), { Body: noBytes }, version('emptied', 2)] },
  ];
}

function one(key: string, put: Omit<PutObjectCommandInput, 'Bucket' | 'Key'>): ObjectSpec {
  return { key, versions: [put] };
}
