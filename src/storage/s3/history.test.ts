import {
  CreateBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import { systemRuntime as runtime } from '../../kernel/runtime.ts';
import type { ObjectStore, ObjectVersion, StoreHistory } from '../contract.ts';
import { asOf } from '../as-of.ts';
import { listed } from '../suite/expect.ts';
import { openS3Store } from './index.ts';

let moto: Emulator;
let client: S3Client;
let restore: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restore = useEndpoints({ all: moto.endpoint });
  client = new S3Client({ region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'plain' }));
  await client.send(new CreateBucketCommand({ Bucket: 'versioned' }));
  await client.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
  await client.send(new CreateBucketCommand({ Bucket: 'ruled', ObjectLockEnabledForBucket: true }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration }));
});
afterAll(async () => {
  client.destroy();
  restore();
  await moto.stop();
});

const open = (bucket: string, prefix = 'p'): Promise<ObjectStore> =>
  openS3Store({ bucket, prefix, runtime, pageSize: 3 });

async function versions(store: ObjectStore, prefix = ''): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = [];
  for await (const version of (store.capabilities.history as StoreHistory).list(prefix)) found.push(version);
  return found;
}

/** S3 keeps whole seconds. */
async function nextSecond(): Promise<number> {
  const now = runtime.clock.now();
  const next = Math.ceil((now + 1) / 1000) * 1000;
  await runtime.clock.sleep(next + 20 - now);
  return next - 1;
}

describe('the history of a bucket', () => {
  it('has every version and deletion, by key, the newest first, across pages', async () => {
    const store = await open('versioned', 'list');
    await store.put('a', [utf8('1')]);
    await store.put('b', [utf8('1')]);
    await nextSecond();
    await store.put('a', [utf8('22')]);
    await store.delete('b');
    await nextSecond();
    await store.delete('a');
    const found = await versions(store);
    expect(found.map(({ key, size, deleted }) => [key, size, deleted])).toEqual([
      ['a', 0, true],
      ['a', 2, false],
      ['a', 1, false],
      ['b', 0, true],
      ['b', 1, false],
    ]);
    const first = found[2] as ObjectVersion;
    const history = store.capabilities.history as StoreHistory;
    expect(asBuffer(await history.get('a', first.versionId)).toString()).toBe('1');
    await expect(history.get('a', first.versionId, { offset: 0, length: 2 })).rejects.toMatchObject({
      code: 'storage.truncated',
    });
    await store.close();
  });

  it('gives the store as it was at a time, read-only', async () => {
    const store = await open('versioned', 'past');
    await store.put('kept', [utf8('kept')]);
    await store.put('gone', [utf8('gone')]);
    await store.put('hidden', [utf8('true')]);
    const before = await nextSecond();
    await store.delete('gone');
    await store.put('hidden', [utf8('false')]);
    await store.put('later', [utf8('later')]);
    const past = await asOf(store, before);
    expect((await listed(past, '')).map(({ key }) => key)).toEqual(['gone', 'hidden', 'kept']);
    for (const [key, content] of [
      ['gone', 'gone'],
      ['hidden', 'true'],
      ['kept', 'kept'],
    ] as const)
      expect(asBuffer(await past.get(key)).toString()).toBe(content);
    expect(asBuffer(await past.get('hidden', { offset: 1, length: 2 })).toString()).toBe('ru');
    expect(await past.stat('later')).toBeUndefined();
    await expect(past.get('later')).rejects.toMatchObject({ code: 'storage.not-found' });
    await expect(past.put('x', [])).rejects.toMatchObject({ code: 'storage.denied' });
    await expect(past.delete('kept')).rejects.toMatchObject({ code: 'storage.denied' });
    await store.close();
  });

  it('is refused where a bucket keeps none', async () => {
    const store = await open('plain');
    await expect(asOf(store, runtime.clock.now())).rejects.toMatchObject({ code: 'storage.unsupported' });
    await store.close();
  });
});

describe('locks', () => {
  it('are read and extended of the version named, also under another one', async () => {
    const store = await open('locked');
    const { readLock, extendLock } = store.capabilities;
    const day = 86_400_000;
    const until = Math.floor(runtime.clock.now() / 1000) * 1000 + 3 * day;
    await store.put('object', [utf8('true')], { retain: { until, mode: 'compliance' } });
    await store.put('object', [utf8('false')]);
    expect(await readLock?.('object')).toBeUndefined();
    const [, locked] = (await versions(store)).map(({ versionId }) => versionId);
    expect(await readLock?.('object', locked)).toEqual({ until, mode: 'compliance' });
    await extendLock?.('object', until + day, 'compliance', locked);
    expect(await readLock?.('object', locked)).toEqual({ until: until + day, mode: 'compliance' });
    expect(await readLock?.('object')).toBeUndefined();
    await store.close();
  });
});

describe('what a bucket does by itself', () => {
  it('is versioning, default retention, and the lifecycle rules that touch the prefix', async () => {
    const plain = await open('plain');
    expect(await plain.capabilities.protection?.()).toEqual({ versioning: false, lock: false, expirations: [] });
    const DefaultRetention = { Mode: 'GOVERNANCE', Days: 9 } as const;
    await client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: 'ruled',
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
      }),
    );
    const rule = (ID: string, Prefix: string, rest: object) => ({ ID, Filter: { Prefix }, Status: 'Enabled', ...rest });
    await client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: 'ruled',
        LifecycleConfiguration: {
          Rules: [
            rule('all', '', { Expiration: { Days: 30 } }),
            rule('ours', 'p/data/', { NoncurrentVersionExpiration: { NoncurrentDays: 5 } }),
            rule('others', 'q/', { Expiration: { Days: 1 } }),
            { ...rule('off', 'p/', { Expiration: { Days: 1 } }), Status: 'Disabled' },
            rule('uploads', '', { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
          ] as never,
        },
      }),
    );
    const ruled = await open('ruled');
    expect(await ruled.capabilities.protection?.()).toEqual({
      versioning: true,
      lock: true,
      defaultRetention: { mode: 'governance', days: 9 },
      expirations: [
        { rule: 'all', of: 'current', days: 30 },
        { rule: 'ours', of: 'noncurrent', days: 5 },
      ],
    });
    await Promise.all([plain.close(), ruled.close()]);
  });
});
