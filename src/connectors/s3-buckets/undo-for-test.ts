import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { CapturedResource } from '../../kernel/entry.ts';
import { conformanceContext } from '../conformance.ts';
import type { ActionOutcome, RestoreContext, RestoreMode, UndoFile } from '../contract.ts';
import { connector } from './index.ts';
import type { S3BucketsOptions } from './options.ts';
import { captureBucket, put, remove } from './seed-for-test.ts';

/** What a bucket shows of every key: bytes, headers, tags. */
export async function shownBy(s3: sdk.S3Client, Bucket: string): Promise<ReadonlyMap<string, string>> {
  const shown = new Map<string, string>();
  // One page: tests have few keys.
  const { Contents = [] } = await s3.send(new sdk.ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
  for (const { Key: encoded = '', StorageClass } of Contents) {
    const Key = decodeURIComponent(encoded.replaceAll('+', ' '));
    const answer = await s3.send(new sdk.GetObjectCommand({ Bucket, Key }));
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0);
    const { TagSet = [] } = await s3.send(new sdk.GetObjectTaggingCommand({ Bucket, Key }));
    const { ContentType, CacheControl, ContentEncoding, ContentDisposition, WebsiteRedirectLocation, Metadata } =
      answer;
    const { ExpiresString, ContentLanguage } = answer;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const headers = { ContentType, CacheControl, ContentEncoding, ContentDisposition, WebsiteRedirectLocation };
    shown.set(
      Key,
      JSON.stringify({ sha256, StorageClass, ...headers, ExpiresString, ContentLanguage, Metadata, TagSet }),
    );
  }
  return shown;
}

export const tenantPrefix = 'tenants/1/';
export const names = ['a', 'b c+%25 ü\'$(x)`y`"', '-f/../x', 'deep/"\\', 'new', 'new 2', 'control\u0001'];

/** A bucket with what two tenants have, captured. */
export async function makeBucket(s3: sdk.S3Client, Bucket: string, versioned: boolean): Promise<CapturedResource> {
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  const Status = 'Enabled';
  if (versioned) await s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  await seedTenants(s3, Bucket);
  const { context } = conformanceContext(connector.options.parse({}), 'us-east-1', 'global');
  return (await captureBucket(context, Bucket)).captured;
}

export async function seedTenants(s3: sdk.S3Client, Bucket: string): Promise<void> {
  for (const tenant of [tenantPrefix, 'tenants/2/'])
    for (const [i, name] of names.slice(0, 4).entries())
      await put(s3, Bucket, tenant + name, `as captured ${i}`, {
        ContentType: `text/x-${i}`,
        Metadata: { n: String(i) },
      });
}

interface Harm {
  readonly act: number;
  readonly name: string;
  readonly n: number;
}

export async function harm(s3: sdk.S3Client, Bucket: string, list: readonly Harm[]): Promise<void> {
  for (const { act, name, n } of list) {
    const key = tenantPrefix + name;
    if (act === 0) await remove(s3, Bucket, key);
    else {
      const more = [
        { ContentType: 'image/png', Metadata: { Who: `she said "${n}"` }, Tagging: 'a%20b=1&c=%C3%BC' },
        { CacheControl: 'no-cache', ContentEncoding: 'gzip', ContentLanguage: 'de', Expires: new Date(1.9e12) },
        {
          ContentDisposition: 'attachment; filename="x"',
          StorageClass: 'STANDARD_IA' as const,
          WebsiteRedirectLocation: '/x',
        },
      ][act % 3];
      await put(s3, Bucket, key, Buffer.alloc(n * 1000, `changed ${n} `), more);
    }
  }
}

export async function restore(
  captured: CapturedResource,
  mode: RestoreMode,
  undo: UndoFile,
): Promise<readonly ActionOutcome[]> {
  const { context } = conformanceContext(connector.options.parse({}), 'us-east-1', 'global');
  const only = { collection: 'objects', prefix: Buffer.from(tenantPrefix) };
  const where: RestoreContext<S3BucketsOptions> = { ...context, mode, only, undo };
  const outcomes: ActionOutcome[] = [];
  for (const action of (await connector.live?.plan(where, captured)) ?? []) {
    const outcome = await connector.live?.apply(where, action, captured);
    if (outcome) outcomes.push(outcome);
  }
  return outcomes;
}

export function withoutFailures(outcomes: readonly ActionOutcome[]): void {
  expect(outcomes.flatMap(({ failures }) => failures ?? [])).toEqual([]);
}
