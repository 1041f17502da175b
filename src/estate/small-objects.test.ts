import * as sdk from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../test/cleanups.ts';
import { startFaultProxy, startMoto, useEndpoints, type FaultProxy } from '../../test/emulators/index.ts';
import type { SmallObject, SmallObjects } from '../connectors/aws/contract.ts';
import type { Bucket } from '../connectors/s3-buckets/bucket.ts';
import { loadObject, type ObjectVersion } from '../connectors/s3-buckets/object-read.ts';
import { systemRuntime } from '../kernel/runtime.ts';
import { smallObjectsOver } from './small-objects.ts';

const region = 'us-east-1';
const name = 'acme-small';
let proxy: FaultProxy;
let s3: sdk.S3Client;
let fetched: ReturnType<ReturnType<typeof smallObjectsOver>>;
const cleanups = cleanedUpAfterAll();

beforeAll(async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop());
  proxy = await startFaultProxy(moto.endpoint);
  cleanups.push(() => proxy.stop(), useEndpoints({ all: proxy.endpoint }));
  s3 = new sdk.S3Client({ region, forcePathStyle: true });
  await s3.send(new sdk.CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: true }));
  fetched = smallObjectsOver(systemRuntime)({ bucket: name, region, connections: 4 });
  cleanups.push(() => fetched.close());
});

function bucketWith(small?: SmallObjects): Bucket {
  const { signal } = new AbortController();
  return {
    name,
    region,
    label: `s3-buckets/${name}`,
    s3,
    sdk,
    runtime: systemRuntime,
    signal,
    ...(small ? { small } : {}),
  };
}

async function put(Key: string, settings: Partial<sdk.PutObjectCommandInput> = {}): Promise<ObjectVersion> {
  const Body = `content of ${Key}`;
  const answer = await s3.send(new sdk.PutObjectCommand({ Bucket: name, Key, Body, ...settings }));
  const { ContentLength: size = 0 } = await s3.send(new sdk.HeadObjectCommand({ Bucket: name, Key }));
  return { key: Key, versionId: answer.VersionId, etag: (answer.ETag ?? '').replaceAll('"', ''), size };
}

async function everything(bucket: Bucket, version: ObjectVersion): Promise<object> {
  const { content, details } = await loadObject(bucket, version, false);
  const pieces: Uint8Array[] = [];
  if (content instanceof Uint8Array) pieces.push(content);
  else for await (const piece of content ?? []) pieces.push(piece);
  return { content: Buffer.concat(pieces).toString('latin1'), details };
}

describe('small objects without the SDK', () => {
  it.each<[string, Partial<sdk.PutObjectCommandInput>, 'itself' | 'the SDK']>([
    ['plain', {}, 'itself'],
    ['empty', { Body: '' }, 'itself'],
    ['a/key with spaces, ünd %2F + more?&=', {}, 'itself'],
    ['metadata', { Metadata: { owner: 'acme', 'two-words': 'a b' }, Tagging: 'a=1&b=2' }, 'itself'],
    ['metadata in words', { Metadata: { name: 'Zoë' } }, 'the SDK'],
    [
      'headers',
      {
        ContentType: 'text/plain; charset=utf-8',
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment; filename="a.txt"',
        ContentEncoding: 'identity',
        ContentLanguage: 'de',
        Expires: new Date('2030-01-01T00:00:00Z'),
        WebsiteRedirectLocation: '/elsewhere',
      },
      'itself',
    ],
    ['checksum', { ChecksumAlgorithm: 'SHA256' }, 'itself'],
    ['encrypted', { ServerSideEncryption: 'AES256' }, 'itself'],
    ['by kms', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/acme', BucketKeyEnabled: true }, 'itself'],
    [
      'locked',
      {
        ObjectLockMode: 'GOVERNANCE',
        ObjectLockRetainUntilDate: new Date('2031-02-03T04:05:06Z'),
        ObjectLockLegalHoldStatus: 'ON',
      },
      'itself',
    ],
  ])('%s: are what the SDK says they are', async (key, settings, by) => {
    const version = await put(key, settings);
    let served = 0;
    const counting: SmallObjects = {
      get: async (request) => {
        const got = await fetched.get(request);
        served++;
        return got;
      },
    };
    const sdkSays = await everything(bucketWith(), version);
    expect(await everything(bucketWith(counting), version)).toEqual(sdkSays);
    expect(sdkSays).toMatchObject({
      content: key === 'empty' ? '' : Buffer.from(`content of ${key}`).toString('latin1'),
    });
    expect(served).toBe(1);
    if (by === 'itself') {
      const { content } = await loadObject(bucketWith(counting), version, false);
      expect(content).toBeInstanceOf(Uint8Array);
    }
  });

  it.each<[string, (got: SmallObject) => SmallObject]>([
    ['other bytes', ({ headers, body }) => ({ headers, body: body.map((byte) => byte ^ 1) })],
    ['fewer bytes', ({ headers, body }) => ({ headers, body: body.subarray(1) })],
    [
      'words that only the SDK reads',
      ({ headers, body }) => ({ headers: { ...headers, 'x-amz-checksum-new': 'x' }, body }),
    ],
  ])('are asked for again by the SDK where %s came', async (_, change) => {
    const version = await put('asked again');
    const lying: SmallObjects = { get: async (request) => change(await fetched.get(request)) };
    expect(await everything(bucketWith(lying), version)).toEqual(await everything(bucketWith(), version));
  });

  it('are not waited for when the run is stopped', async () => {
    const version = await put('stopped');
    const run = new AbortController();
    const silent: SmallObjects = { get: async () => await new Promise(() => undefined) };
    const loading = loadObject({ ...bucketWith(silent), signal: run.signal }, version, false);
    run.abort(new Error('stopped'));
    await expect(loading).rejects.toThrow('stopped');
  });

  it('say what the SDK says where they are refused', async () => {
    const version = await put('changed');
    await put('changed', { Body: 'other' });
    const wanted = { ...version, versionId: undefined };
    await expect(everything(bucketWith(fetched), wanted)).rejects.toMatchObject({ code: 'item.changed' });
    for (const kind of ['throttle', 'error500', 'reset', 'truncate'] as const) {
      const other = await put(kind);
      proxy.addFault({ match: ({ path, method }) => method === 'GET' && path.includes(kind), kind, times: 1 });
      expect(await everything(bucketWith(fetched), other)).toMatchObject({ content: `content of ${kind}` });
    }
  });
});
