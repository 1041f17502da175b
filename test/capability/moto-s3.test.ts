import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints, type Emulator } from '../emulators/index.ts';
import { failure } from './failure.ts';

let moto: Emulator;
let restore: () => void;
let s3: S3Client;

beforeAll(async () => {
  moto = await startMoto();
  restore = useEndpoints({ all: moto.endpoint });
  s3 = new S3Client({ forcePathStyle: true, maxAttempts: 1 });
});
afterAll(async () => {
  s3.destroy();
  restore();
  await moto.stop();
});

async function bucket(Bucket: string, versioned = false): Promise<string> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' as const };
  if (versioned) await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  return Bucket;
}

describe('moto: what the repository on S3 relies on', () => {
  it('lets one of many writers create an object, and answers 412 to the others', async () => {
    const Bucket = await bucket('create-once');
    const put = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: 'lease', Body, IfNoneMatch: '*' }));
    const results = await Promise.allSettled(Array.from({ length: 24 }, (_, index) => put(`writer ${index}`)));
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(refusals).toHaveLength(23);
    expect(new Set(refusals.map((error) => (error as { name: string }).name))).toEqual(new Set(['PreconditionFailed']));
  });

  it('replaces an object only while its ETag is the one named', async () => {
    const Bucket = await bucket('replace-if');
    const put = (Body: string, IfMatch?: string) => s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body, IfMatch }));
    expect(await failure(put('x', '"absent"'))).toEqual(['NoSuchKey', 404]);
    const { ETag } = await put('one');
    await put('two', ETag);
    expect(await failure(put('three', ETag))).toEqual(['PreconditionFailed', 412]);
    expect(await failure(s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', IfMatch: ETag })))).toEqual([
      'PreconditionFailed',
      412,
    ]);
  });
});

describe('moto: what the connector s3-buckets relies on', () => {
  it('lists versions and delete markers page by page', async () => {
    const Bucket = await bucket('versions', true);
    for (const Body of ['1', '2', '3']) await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: '1' }));
    const seen: string[] = [];
    let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (;;) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...next }));
      seen.push(...(page.Versions ?? []).map(({ Key, IsLatest }) => `${Key} ${IsLatest}`));
      seen.push(...(page.DeleteMarkers ?? []).map(({ Key, IsLatest }) => `${Key} marker ${IsLatest}`));
      if (page.IsTruncated !== true) break;
      next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
    expect(seen.sort()).toEqual(['a false', 'a false', 'a false', 'a marker true', 'b true']);
  });

  it('keeps keys, metadata, tags and storage class as they were written', async () => {
    const Bucket = await bucket('fidelity');
    const Key = '/a//b c/ü+%25&?#.txt';
    const put = { Bucket, Key, Body: 'x', Metadata: { owner: 'ana' }, Tagging: 'a=1&b=two', ContentLanguage: 'en' };
    await s3.send(new PutObjectCommand({ ...put, StorageClass: 'STANDARD_IA' }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({
      Metadata: { owner: 'ana' },
      StorageClass: 'STANDARD_IA',
      ContentLanguage: 'en',
      TagCount: 2,
    });
  });

  it('refuses archived objects until they are thawed, and their tags with them (S3 itself answers the tags)', async () => {
    const Bucket = await bucket('archived');
    const at = { Bucket, Key: 'k' };
    await s3.send(new PutObjectCommand({ ...at, Body: 'cold', StorageClass: 'GLACIER' }));
    expect(await failure(s3.send(new GetObjectCommand(at)))).toEqual(['InvalidObjectState', 403]);
    expect(await failure(s3.send(new GetObjectTaggingCommand(at)))).toEqual(['InvalidObjectState', 403]);
    expect((await s3.send(new HeadObjectCommand(at))).StorageClass).toBe('GLACIER');
    await s3.send(new RestoreObjectCommand({ ...at, RestoreRequest: { Days: 1 } }));
    expect(await (await s3.send(new GetObjectCommand(at))).Body?.transformToString()).toBe('cold');
  });

  it('enforces a Deny in a bucket policy, with an answer that names no error', async () => {
    const Bucket = await bucket('denied');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    const Statement = [
      { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
    ];
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
    expect(await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'k' })))).toEqual(['Unknown', 403]);
  });
});
