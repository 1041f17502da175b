import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32 } from 'node:zlib';
import { asBuffer, utf8 } from '../../src/kernel/bytes.ts';
import { systemRuntime as runtime } from '../../src/kernel/runtime.ts';
import { describeObjectStore } from '../../src/storage/conformance.ts';
import { openStore } from '../../src/storage/open.ts';
import { openS3Store } from '../../src/storage/s3/index.ts';
import { patternBytes } from '../../src/storage/suite/expect.ts';
import { startMoto, useEndpoints, type Emulator } from '../emulators/index.ts';
import { startTlsProxy } from './tls.ts';

let moto: Emulator;
let proxy: Awaited<ReturnType<typeof startTlsProxy>>;
let client: S3Client;
let restore: () => void;

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startTlsProxy(moto.endpoint);
  restore = useEndpoints({ all: moto.endpoint });
  client = new S3Client({ region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'vault', ObjectLockEnabledForBucket: true }));
});
afterAll(async () => {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  client.destroy();
  restore();
  await proxy.stop();
  await moto.stop();
});

describe('a certificate that nobody vouches for', () => {
  it('is refused, with what to do', async () => {
    const opening = openStore(`s3+${proxy.endpoint}/vault`, { runtime, retry: { attempts: 1 } });
    await expect(opening).rejects.toMatchObject({
      code: 'storage.unavailable',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
    });
  });
});

describe('over TLS', () => {
  beforeAll(() => {
    // Node reads it at each connection.
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  });
  const open = (prefix: string, more = {}) =>
    openS3Store({ bucket: 'vault', prefix, endpoint: proxy.endpoint, runtime, ...more });

  describeObjectStore('S3', () => open('suite', { pageSize: 20 }), { manyObjects: 50 });

  it('bodies go with a CRC-32 that the store checks and keeps, locked ones too', async () => {
    const store = await open('sums');
    const content = patternBytes(100_000, 1);
    await store.put('object', [content.subarray(0, 30_000), content.subarray(30_000)], {
      retain: { until: runtime.clock.now() + 86_400_000, mode: 'governance' },
    });
    const target = { Bucket: 'vault', Key: 'sums/object' };
    const head = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(content));
    expect(head.ChecksumCRC32).toBe(sum.toString('base64'));
    expect(head.ObjectLockMode).toBe('GOVERNANCE');
    await store.close();
  });

  it('large objects go up in parts and come down in pieces', async () => {
    const mebibyte = 1024 * 1024;
    const store = await open('large', { multipartAbove: 6 * mebibyte, partSize: 5 * mebibyte });
    const content = patternBytes(22 * mebibyte, 4);
    await store.put('object', [content], { ifAbsent: true });
    expect(asBuffer(await store.get('object')).equals(content)).toBe(true);
    const range = { offset: mebibyte - 7, length: 19 * mebibyte };
    const piece = await store.get('object', range);
    expect(asBuffer(piece).equals(content.subarray(range.offset, range.offset + range.length))).toBe(true);
    await expect(store.get('object', { offset: 10 * mebibyte, length: 20 * mebibyte })).rejects.toMatchObject({
      code: 'storage.truncated',
    });
    await store.put('object', [utf8('small')], {});
    expect(asBuffer(await store.get('object')).toString()).toBe('small');
    await store.close();
  });
});
