import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startFaultProxy,
  startMinistack,
  startMoto,
  useEndpoints,
  type Emulator,
  type FaultProxy,
} from '../../../test/emulators/index.ts';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import { systemRuntime as runtime } from '../../kernel/runtime.ts';
import { describeObjectStore } from '../conformance.ts';
import type { ObjectStore } from '../contract.ts';
import { withRetry } from '../decorators/retry.ts';
import { openStore } from '../open.ts';
import { listed, patternBytes } from '../suite/expect.ts';
import { openS3Store } from './index.ts';

let moto: Emulator;
let ministack: Emulator;
let proxy: FaultProxy;
let restore: () => void;

beforeAll(async () => {
  [moto, ministack] = await Promise.all([startMoto(), startMinistack()]);
  proxy = await startFaultProxy(moto.endpoint);
  restore = useEndpoints({ all: moto.endpoint });
  for (const emulator of [moto, ministack]) {
    const client = new S3Client({ endpoint: emulator.endpoint, region: 'us-east-1', forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'vault' }));
    await client.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
    client.destroy();
  }
});
afterAll(async () => {
  restore();
  await proxy.stop();
  await Promise.all([moto.stop(), ministack.stop()]);
});

// Small pages, so that many of them cost few puts.
const pages = { pageSize: 20 };
describeObjectStore('S3 on moto', () => openS3Store({ bucket: 'vault', prefix: 'some/Folder', runtime, ...pages }), {
  manyObjects: 90,
});
describeObjectStore(
  'S3 on MiniStack, whole bucket',
  () => openS3Store({ bucket: 'vault', prefix: '', endpoint: ministack.endpoint, runtime, ...pages }),
  { manyObjects: 90 },
);

describe('large objects', () => {
  it.each(['moto', 'MiniStack'])('go up in parts, with conditions, on %s', async (name) => {
    const endpoint = name === 'moto' ? moto.endpoint : ministack.endpoint;
    const mebibyte = 1024 * 1024;
    const sizes = { multipartAbove: 6 * mebibyte, partSize: 5 * mebibyte };
    const store = await openS3Store({ bucket: 'vault', prefix: 'large', endpoint, runtime, ...sizes });
    const content = patternBytes(12 * mebibyte, 1);
    const { version } = await store.put('object', [content], { ifAbsent: true });
    expect(version).toMatch(/-3$/);
    expect(asBuffer(await store.get('object')).equals(content)).toBe(true);
    expect((await store.stat('object'))?.version).toBe(version);
    await expect(store.put('object', [content], { ifAbsent: true })).rejects.toMatchObject({ code: 'storage.exists' });
    const piece = await store.get('object', { offset: 10 * mebibyte - 3, length: 6 });
    expect(asBuffer(piece).equals(content.subarray(10 * mebibyte - 3, 10 * mebibyte + 3))).toBe(true);
    await store.close();
  });
});

/** Forwards to moto; cuts the connection instead of passing on the answers that `loses` names. */
async function losingProxy(loses: (method: string) => boolean): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const target = new URL(moto.endpoint);
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const forwarded = send({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      if (loses(method)) {
        answer.resume().once('end', () => incoming.socket.resetAndDestroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describe('a put whose answer is lost', () => {
  it('is known again: ifAbsent and ifMatch succeed although their repetition meets their own effect', async () => {
    let toLose = 0;
    const losing = await losingProxy((method) => method === 'PUT' && toLose-- > 0);
    const store = await openS3Store({ bucket: 'vault', prefix: 'lost', endpoint: losing.endpoint, runtime });
    toLose = 1;
    const first = await store.put('lease', [utf8('same content')], { ifAbsent: true });
    expect(toLose).toBeLessThan(1);
    expect((await store.stat('lease'))?.version).toBe(first.version);
    toLose = 1;
    const second = await store.put('lease', [utf8('renewed')], { ifMatch: first.version });
    expect((await store.stat('lease'))?.version).toBe(second.version);
    await expect(store.put('lease', [utf8('renewed')], { ifMatch: first.version })).rejects.toMatchObject({
      code: 'storage.precondition',
    });
    await store.close();
    await losing.stop();
  });

  it('does not win against another writer of the very same bytes', async () => {
    const store = await openS3Store({ bucket: 'vault', prefix: 'same', runtime });
    await store.put('lease', [utf8('same content')], { ifAbsent: true });
    await expect(store.put('lease', [utf8('same content')], { ifAbsent: true })).rejects.toMatchObject({
      code: 'storage.exists',
    });
    await store.close();
  });
});

describe('a sick network', () => {
  let store: ObjectStore;
  beforeAll(async () => {
    const bare = await openS3Store({ bucket: 'vault', prefix: 'sick', endpoint: proxy.endpoint, runtime });
    store = withRetry(bare, { runtime, attempts: 4, firstPauseMs: 20 });
  });
  afterAll(async () => {
    proxy.clearFaults();
    await store.close();
  });

  it('is survived: resets, errors 500 and throttling cost time only', async () => {
    proxy.addFault({ kind: 'reset', service: 's3', times: 1 });
    await store.put('a', [utf8('1')], { ifAbsent: true });
    proxy.addFault({ kind: 'error500', service: 's3', times: 2 });
    expect(asBuffer(await store.get('a')).toString()).toBe('1');
    proxy.addFault({ kind: 'throttle', service: 's3', times: 2 });
    expect(await listed(store, '')).toHaveLength(1);
  });

  it('resumes an answer that ended early, and says so when it never comes whole', async () => {
    const content = patternBytes(300_000, 5);
    await store.put('cut', [content]);
    proxy.clearFaults();
    const isGet = (request: { readonly method: string }): boolean => request.method === 'GET';
    proxy.addFault({ kind: 'truncate', match: isGet, times: 2 });
    expect(asBuffer(await store.get('cut')).equals(content)).toBe(true);
    proxy.addFault({ kind: 'truncate', match: isGet, times: 1 });
    const piece = await store.get('cut', { offset: 1000, length: 50_000 });
    expect(asBuffer(piece).equals(content.subarray(1000, 51_000))).toBe(true);
    proxy.addFault({ kind: 'truncate', match: isGet });
    await expect(store.get('cut')).rejects.toMatchObject({ code: 'storage.truncated' });
    proxy.clearFaults();
  });

  it('has its own codes', async () => {
    proxy.addFault({ kind: 'deny', service: 's3' });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'storage.denied', resource: 'a' });
    await expect(store.put('a', [])).rejects.toMatchObject({ code: 'storage.denied' });
    await expect(listed(store, '')).rejects.toMatchObject({ code: 'storage.denied' });
    proxy.clearFaults();
    proxy.addFault({ kind: 'throttle', service: 's3' });
    await expect(store.stat('a')).rejects.toMatchObject({ code: 'storage.throttled' });
    proxy.clearFaults();
    proxy.addFault({ kind: 'reset', service: 's3' });
    await expect(store.stat('a')).rejects.toMatchObject({ code: 'storage.unavailable' });
    proxy.clearFaults();
  });
});

describe('locks and classes', () => {
  it('locks an object until a date, extends it, and never shortens it', async () => {
    const store = await openS3Store({ bucket: 'locked', prefix: 'p', runtime });
    expect(store.capabilities.lock).toBe(true);
    const day = 86_400_000;
    const until = Math.floor(runtime.clock.now() / 1000) * 1000 + day;
    await store.put('object', [utf8('x')], { retain: { until, mode: 'compliance' }, storageClass: 'STANDARD_IA' });
    const client = new S3Client({ region: 'us-east-1', forcePathStyle: true });
    const target = { Bucket: 'locked', Key: 'p/object' };
    const head = () => client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    expect((await head()).ChecksumSHA256).toBe(createHash('sha256').update('x').digest('base64'));
    expect((await head()).StorageClass).toBe('STANDARD_IA');
    expect((await head()).ObjectLockRetainUntilDate?.getTime()).toBe(until);
    await store.capabilities.extendLock?.('object', until + day, 'compliance');
    expect((await head()).ObjectLockRetainUntilDate?.getTime()).toBe(until + day);
    await store.capabilities.extendLock?.('object', until, 'governance');
    expect(await head()).toMatchObject({
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: new Date(until + day),
    });
    await expect(store.capabilities.extendLock?.('absent', until, 'governance')).rejects.toMatchObject({
      code: 'storage.not-found',
    });
    client.destroy();
    await store.close();
  });
});

describe('opening', () => {
  it('says that the bucket is missing', async () => {
    const address = `s3+${moto.endpoint}/no-such-bucket/prefix`;
    await expect(openStore(address, { runtime })).rejects.toMatchObject({ code: 'storage.bucket-missing' });
  });

  it('works by address, and names it without credentials', async () => {
    const address = `s3+${moto.endpoint}/vault/by-address`;
    const store = await openStore(address, { runtime });
    await store.put('a', [utf8('x')]);
    expect(store.address).toBe(address);
    await store.close();
  });

  it('says that credentials are missing', async () => {
    const put = useEndpoints({ all: moto.endpoint });
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    await expect(openStore('s3://vault', { runtime })).rejects.toMatchObject({ code: 'aws.credentials-missing' });
    put();
  });

  it('says that they are expired, that nobody answers, that it is denied', async () => {
    const answers: [number, string][] = [
      [400, 'ExpiredToken'],
      [403, 'AccessDenied'],
    ];
    for (const [status, code] of answers) {
      const server = createServer((incoming, outgoing) => {
        // HEAD answers have no body: S3 says why in the status alone, and in the answer to the next GET.
        incoming.resume();
        outgoing.writeHead(incoming.method === 'HEAD' && status === 400 ? 200 : status, { 'x-amz-request-id': 'r1' });
        outgoing.end(incoming.method === 'HEAD' ? '' : `<Error><Code>${code}</Code><Message>m</Message></Error>`);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      await expect(openStore(`s3+http://${endpoint}/vault`, { runtime })).rejects.toMatchObject({
        code: code === 'ExpiredToken' ? 'aws.credentials-expired' : 'storage.denied',
      });
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    await expect(openStore('s3+http://127.0.0.1:1/vault', { runtime, retry: { attempts: 1 } })).rejects.toMatchObject({
      code: 'storage.unavailable',
    });
  });
});
