import * as sdk from '@aws-sdk/client-s3';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startFaultProxy, startMoto, useEndpoints, type FaultProxy } from '../../../test/emulators/index.ts';
import { displayBytes } from '../../kernel/bytes.ts';
import { conformanceContext, discoverAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import { fingerprintOf } from './capture-objects.ts';
import { connector } from './index.ts';
import { asText } from './json-record.ts';
import type { ListedVersion } from './listing.ts';
import { captureBucket, put, remove, switchLoggingOn, testClient } from './seed-for-test.ts';

let proxy: FaultProxy;
let s3: sdk.S3Client;
const cleanups = cleanedUpAfterAll();

beforeAll(async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop());
  proxy = await startFaultProxy(moto.endpoint);
  cleanups.push(() => proxy.stop(), useEndpoints({ all: proxy.endpoint }));
  s3 = testClient();
});
afterEach(async () => {
  proxy.clearFaults();
  for (const { Name } of (await s3.send(new sdk.ListBucketsCommand({}))).Buckets ?? []) await empty(Name ?? '');
});

async function empty(Bucket: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket }));
  for (const one of [...Versions, ...DeleteMarkers]) await remove(s3, Bucket, one.Key ?? '', one.VersionId);
  await s3.send(new sdk.DeleteBucketCommand({ Bucket }));
}

async function bucket(Bucket: string, ...keys: string[]): Promise<void> {
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  for (const key of keys) await put(s3, Bucket, key, `content of ${key}`);
}

async function captureOne(
  name: string,
  options: object = {},
  previous?: MemoryResource,
): Promise<{ resource: MemoryResource; calls: string[] }> {
  const run = conformanceContext(connector.options.parse(options), 'us-east-1', 'global');
  const resource = await captureBucket(run.context, name, previous);
  return { resource, calls: run.calls.map(({ operation }) => operation) };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}

async function keysOf(resource: MemoryResource, collection = 'objects'): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of resource.captured.entries(collection)) keys.push(displayBytes(entry.key));
  return keys;
}

describe('capture of a bucket', { timeout: 60_000 }, () => {
  it('loses one object to one denied call, and says which', async () => {
    await bucket('one', 'a', 'b', 'c');
    proxy.addFault({ kind: 'deny', match: ({ method, path }) => method === 'GET' && path.startsWith('/one/b') });
    const { resource } = await captureOne('one');
    expect(await keysOf(resource)).toEqual(['a', 'c']);
    expect(resource.failures.map(({ code, resource: what }) => [code, what])).toEqual([
      ['item.denied', 's3-buckets/one/b'],
    ]);
  });

  it('loses one document to one denied configuration call', async () => {
    await bucket('one', 'a');
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes('?cors') });
    const { resource } = await captureOne('one');
    expect(resource.failures.map(({ code }) => code)).toEqual(['item.denied']);
    expect(await keysOf(resource)).toEqual(['a']);
    expect(await keysOf(resource, '')).toContain('config/acl.json');
  });

  it('keeps the configuration when the listing is denied, and marks the snapshot as incomplete', async () => {
    await bucket('one', 'a');
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes('list-type=2') });
    const { resource } = await captureOne('one');
    expect(resource.failures.map(({ code }) => code)).toEqual(['item.denied']);
    expect(await resource.captured.json('', 'scope.json')).toMatchObject({ complete: false });
  });

  it('goes on reading where a connection broke', async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    await bucket('one');
    await put(s3, 'one', 'big', body);
    const isGet = ({ method, path }: { method: string; path: string }): boolean =>
      method === 'GET' && path.startsWith('/one/big');
    proxy.addFault({ kind: 'truncate', times: 2, match: isGet });
    const { resource, calls } = await captureOne('one');
    expect(resource.failures).toEqual([]);
    const entry = await resource.captured.entry('objects', 'big');
    expect(entry && Buffer.from(await resource.captured.bytes(entry)).equals(body)).toBe(true);
    expect(calls.filter((call) => call === 'GetObject').length).toBe(3);
  });

  it('passes throttled and reset calls', async () => {
    await bucket('one', 'a', 'b', 'c');
    proxy.addFault({ kind: 'throttle', times: 2, match: ({ path }) => path.startsWith('/one/') });
    proxy.addFault({ kind: 'reset', times: 1, match: ({ path }) => path.startsWith('/one/') });
    const { resource } = await captureOne('one');
    expect(resource.failures).toEqual([]);
    expect(await keysOf(resource)).toEqual(['a', 'b', 'c']);
  });

  it('does not read an unchanged bucket again, and reads one changed object', async () => {
    await bucket('one', 'a', 'b', 'c');
    const first = await captureOne('one');
    expect(first.calls.filter((call) => call === 'GetObject').length).toBe(3);
    const second = await captureOne('one', {}, first.resource);
    expect(second.calls.filter((call) => /Object(Tagging|Acl)?$/.test(call))).toEqual([]);
    await put(s3, 'one', 'b', 'changed');
    const third = await captureOne('one', {}, second.resource);
    expect(third.calls.filter((call) => call === 'GetObject').length).toBe(1);
  });

  it('lists once, by the plain listing where there are no versions', async () => {
    await bucket('one', 'a');
    expect((await captureOne('one')).calls.filter((call) => call.startsWith('ListObject'))).toEqual(['ListObjectsV2']);
  });

  it('puts an archived object into the ledger, once per bucket', async () => {
    await bucket('one', 'a');
    await put(s3, 'one', 'cold', 'frozen', { StorageClass: 'GLACIER' });
    await put(s3, 'one', 'colder', 'frozen', { StorageClass: 'DEEP_ARCHIVE' });
    const { resource, calls } = await captureOne('one', { acls: true });
    expect(resource.failures).toEqual([]);
    expect(resource.captured.ledger).toMatchObject([{ class: 'needs-human', count: 2 }]);
    expect(await resource.captured.entry('objects', 'cold')).toMatchObject({
      kind: 'marker',
      attributes: { archived: true, storageClass: 'GLACIER', size: 6 },
    });
    expect(calls.filter((call) => call === 'GetObject').length).toBe(1);
  });

  it('knows an object that a lifecycle rule archived as the same object', async () => {
    await bucket('one');
    await put(s3, 'one', 'log', 'lines', { StorageClass: 'GLACIER' });
    const { resource } = await captureOne('one');
    const { etag, size, lastModified } = must((await resource.captured.entry('objects', 'log'))?.attributes);
    const before: ListedVersion = {
      kind: 'object',
      latest: true,
      versionId: undefined,
      etag: asText(etag),
      size: Number(size),
      lastModified: asText(lastModified),
      storageClass: 'STANDARD',
      thawed: false,
    };
    expect((await resource.captured.entry('objects', 'log'))?.fingerprint).toBe(fingerprintOf(before));
    expect(fingerprintOf({ ...before, storageClass: 'GLACIER', thawed: true })).not.toBe(fingerprintOf(before));
  });

  it('reports an object that vanished between listing and reading', async () => {
    await bucket('one', 'a', 'b');
    const run = conformanceContext(connector.options.parse({}), 'us-east-1', 'global');
    const failures: string[] = [];
    const [resource] = await discoverAll(connector, run.context);
    const loads: (() => Promise<unknown>)[] = [];
    const collection = {
      add: async (entry: { load?: () => Promise<unknown> }) => void (entry.load && loads.push(entry.load)),
      idle: async () => undefined,
    };
    if (!resource) throw new Error('nothing discovered');
    await connector.capture(run.context, resource, {
      root: { add: async () => undefined, idle: async () => undefined },
      collection: () => collection,
      fail: (error) => failures.push(error.code),
      note: () => undefined,
    });
    await remove(s3, 'one', 'a');
    await put(s3, 'one', 'b', 'other');
    const results = await Promise.allSettled(loads.map(async (load) => await load()));
    expect(results).toMatchObject([{ reason: { code: 'item.not-found' } }, { reason: { code: 'item.changed' } }]);
    expect(failures).toEqual([]);
  });

  it('honours prefixes without listing a key twice, versions: current and objects: false', async () => {
    await bucket('one', 'a/1', 'a/b/2', 'b/3', 'c');
    await s3.send(
      new sdk.PutBucketVersioningCommand({ Bucket: 'one', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    await put(s3, 'one', 'a/1', 'newer');
    const some = await captureOne('one', { prefixes: ['b', 'a/b', 'a/'] });
    expect(await keysOf(some.resource)).toEqual(['a/1', 'a/b/2', 'b/3']);
    expect(await keysOf(some.resource, 'versions')).toEqual(['a/1\\x0000000001']);
    const current = await captureOne('one', { versions: 'current' });
    expect(current.resource.captured.collections).not.toContain('versions');
    expect(current.resource.captured.ledger.map((note) => note.what)).toContain('older versions and delete markers');
    const none = await captureOne('one', { objects: false });
    expect(none.resource.captured.collections).toEqual(['']);
    expect(none.calls.filter((call) => call.startsWith('ListObject'))).toEqual([]);
  });

  it('does not renumber older versions when there is a new one', async () => {
    await bucket('one', 'k');
    await s3.send(
      new sdk.PutBucketVersioningCommand({ Bucket: 'one', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    for (const content of ['first', 'second', 'third']) await put(s3, 'one', 'k', content);
    const first = await captureOne('one');
    await put(s3, 'one', 'k', 'fourth');
    const second = await captureOne('one', {}, first.resource);
    expect((await keysOf(second.resource, 'versions')).slice(0, 3)).toEqual(await keysOf(first.resource, 'versions'));
    // The new current one, and the one that was current before, under its new key.
    expect(second.calls.filter((call) => call === 'GetObject').length).toBe(2);
  });

  it('selects buckets by region and by tag', async () => {
    await bucket('plain');
    await bucket('tagged');
    await s3.send(
      new sdk.PutBucketTaggingCommand({ Bucket: 'tagged', Tagging: { TagSet: [{ Key: 'site', Value: 'acme' }] } }),
    );
    await s3.send(
      new sdk.CreateBucketCommand({
        Bucket: 'abroad',
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    );
    async function found(options: object): Promise<string[]> {
      const { context } = conformanceContext(connector.options.parse(options), 'us-east-1', 'global');
      return (await discoverAll(connector, context)).map(({ ref }) => `${ref.name} ${ref.region}`).sort();
    }
    expect(await found({})).toEqual(['abroad eu-west-1', 'plain us-east-1', 'tagged us-east-1']);
    expect(await found({ regions: ['eu-west-1'] })).toEqual(['abroad eu-west-1']);
    expect(await found({ tags: { site: '*' } })).toEqual(['tagged us-east-1']);
    expect(await found({ tags: { site: 'other' } })).toEqual([]);
    expect(() => connector.options.parse({ version: 'all' })).toThrow('version');
  });

  it('captures ACLs of objects on request, and logging', async () => {
    await bucket('acme-logs');
    await bucket('one', 'private');
    await put(s3, 'one', 'public', 'for all', { ACL: 'public-read' });
    await switchLoggingOn(s3, 'one');
    const { resource } = await captureOne('one', { acls: true });
    const grant = { Permission: 'READ', Grantee: { URI: 'http://acs.amazonaws.com/groups/global/AllUsers' } };
    expect((await resource.captured.entry('objects', 'public'))?.details['acl']).toMatchObject([grant]);
    expect((await resource.captured.entry('objects', 'private'))?.details['acl']).toBeUndefined();
    expect(await resource.captured.json('', 'config/logging.json')).toMatchObject({
      LoggingEnabled: { TargetBucket: 'acme-logs' },
    });
  });
});
