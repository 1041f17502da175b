import type { AttributeValue, DynamoDB } from '@aws-sdk/client-dynamodb';
import { S3 } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { everyType, putAll } from '../../../../test/dynamodb/seed.ts';
import { conformanceContext, discoverAll } from '../../conformance.ts';
import { createMemorySnapshot, type MemoryResource } from '../../conformance-memory.ts';
import { connector } from '../index.ts';
import { region, useMoto } from '../moto-for-test.ts';
import { options, type DynamoOptions } from '../options.ts';
import { readLines } from './data-file.ts';
import { windowsBetween } from './windows.ts';

const Bucket = 'exports';
let client: DynamoDB;
let s3: S3;

useMoto(async (used) => {
  ({ client } = used);
  s3 = new S3({ region, forcePathStyle: true });
  used.later(() => s3.destroy());
  await s3.createBucket({ Bucket });
});

async function makeTable(TableName: string, past = true): Promise<void> {
  await client.createTable({
    TableName,
    KeySchema: [
      { AttributeName: 'customer', KeyType: 'HASH' },
      { AttributeName: 'number', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'customer', AttributeType: 'S' },
      { AttributeName: 'number', AttributeType: 'N' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await client.updateContinuousBackups({
    TableName,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: past },
  });
}

function item(i: number, value = 0): Record<string, AttributeValue> {
  return { customer: { S: `c/${i % 7}` }, number: { N: String(i) }, value: { N: String(value) } };
}

function contextOf(given: object) {
  const parsed = options.parse({ kinesis: false, contributorInsights: false, exportBucket: Bucket, ...given });
  const run = conformanceContext<DynamoOptions>(parsed, region, 'regional');
  const told: string[] = [];
  return {
    ...run,
    told,
    context: { ...run.context, events: (event: object) => void told.push(JSON.stringify(event)) },
  };
}

async function capture(name: string, previous?: MemoryResource, given: object = { read: 'export' }) {
  const { context, calls, told } = contextOf(given);
  const found = (await discoverAll(connector, context)).find(({ ref }) => ref.name === name);
  if (!found) throw new Error(`no ${name}`);
  const snapshot = createMemorySnapshot(found.ref, previous);
  await connector.capture(context, found, snapshot.sink);
  const resource = await snapshot.finish();
  const operations = calls.map(({ operation }) => operation);
  const exports = operations.filter((operation) => operation === 'ExportTableToPointInTime').length;
  return { resource, operations, exports, told, notes: resource.captured.ledger.map(({ what }) => what) };
}

function itemsIn(resource: MemoryResource): readonly string[] {
  return resource.dump().filter((line) => line.startsWith('items/'));
}

async function scanned(name: string): Promise<readonly string[]> {
  return itemsIn((await capture(name, undefined, { read: 'scan' })).resource);
}

async function lastSummary(): Promise<object> {
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  const manifests = Contents.filter(({ Key = '' }) => Key.endsWith('manifest-summary.json') && !summaries.has(Key));
  for (const { Key = '' } of manifests) summaries.add(Key);
  const { Body } = await s3.getObject({ Bucket, Key: manifests.at(-1)?.Key });
  return JSON.parse((await Body?.transformToString()) ?? '') as object;
}
/** Seen already: what is new is of the last capture. */
const summaries = new Set<string>();

describe('items out of an export', () => {
  it('are the rows that a scan gives, of every type, and the table is not read', async () => {
    await makeTable('whole');
    await putAll(client, 'whole', [everyType, ...Array.from({ length: 60 }, (_, i) => item(i))]);
    const { resource, operations } = await capture('whole');
    expect(resource.failures).toEqual([]);
    expect(itemsIn(resource)).toHaveLength(61);
    expect(itemsIn(resource)).toEqual(await scanned('whole'));
    expect(operations).not.toContain('Scan');
    const declared = [...connector.calls.capture, ...(connector.calls.points ?? [])].map((one) => one.operation);
    expect(operations.filter((operation) => !declared.includes(operation))).toEqual([]);
  });

  it('go on from the capture before with what changed, in one export', async () => {
    await makeTable('grows');
    await putAll(
      client,
      'grows',
      Array.from({ length: 80 }, (_, i) => item(i)),
    );
    let { resource } = await capture('grows');
    await lastSummary();
    for (let round = 1; round <= 3; round++) {
      await putAll(client, 'grows', [item(round, round), item(1000 + round), item(40, round)]);
      const { customer, number } = item(70 + round) as Record<'customer' | 'number', AttributeValue>;
      await client.deleteItem({ TableName: 'grows', Key: { customer, number } });
      const next = await capture('grows', resource);
      expect(next.resource.failures).toEqual([]);
      expect([next.exports, next.operations.includes('Scan')]).toEqual([1, false]);
      expect(await lastSummary()).toMatchObject({ exportType: 'INCREMENTAL_EXPORT', itemCount: 4 });
      expect(itemsIn(next.resource)).toEqual(await scanned('grows'));
      ({ resource } = next);
    }
  });

  it('come whole where the capture before cannot be gone on from', async () => {
    await makeTable('again');
    await putAll(client, 'again', [item(1), item(2)]);
    const isFull = async (previous: MemoryResource | undefined): Promise<boolean> => {
      const { resource } = await capture('again', previous);
      expect(itemsIn(resource)).toEqual(await scanned('again'));
      return !('exportType' in (await lastSummary()));
    };
    const { resource: byScan } = await capture('again', undefined, { read: 'scan' });
    expect(await isFull(byScan)).toBe(true);
    const { resource: before } = await capture('again');
    await lastSummary();
    await putAll(client, 'again', [item(3)]);
    expect(await isFull(before)).toBe(false);
    const ledger = [{ class: 'lost', what: 'items not captured', why: '', action: '' }] as const;
    expect(await isFull({ ...before, captured: { ...before.captured, ledger } })).toBe(true);
    // A table of the same name, made anew, and one whose past began anew.
    await client.deleteTable({ TableName: 'again' });
    await makeTable('again');
    await putAll(client, 'again', [item(4)]);
    expect(await isFull(before)).toBe(true);
  });

  it('come whole where the changes cannot be exported, and it is said', async () => {
    await makeTable('only-whole');
    await putAll(client, 'only-whole', [item(1)]);
    const { resource: before } = await capture('only-whole');
    await putAll(client, 'only-whole', [item(2)]);
    const { resource, exports, told } = await capture('only-whole', before);
    expect([resource.failures, exports]).toEqual([[], 2]);
    expect(told.join()).toContain('exported as a whole');
    expect(itemsIn(resource)).toEqual(await scanned('only-whole'));
  });

  it.each([
    ['wrong-md5', /MD5/, 'item.damaged'],
    ['wrong-etag', /has the ETag/, 'item.damaged'],
    ['wrong-count', /lists 33 items in its files, and says 30/, 'item.unreadable'],
    ['cut', /cannot be read: unexpected end of file/, 'item.damaged'],
    ['fails', /is FAILED: UNKNOWN the bucket is gone/, 'item.unreadable'],
  ])('that are not what they should be (%s) are failures and a note', async (name, pattern, code) => {
    await makeTable(name);
    await putAll(
      client,
      name,
      Array.from({ length: 30 }, (_, i) => item(i)),
    );
    const { resource, notes } = await capture(name);
    expect(resource.failures[0]).toMatchObject({ code, message: expect.stringMatching(pattern) });
    expect(notes).toContain('items not captured');
  });

  it('of a table without a past are a failure that says what to do; nothing is scanned instead', async () => {
    await makeTable('pastless', false);
    await putAll(client, 'pastless', [item(1)]);
    const { resource, operations, notes } = await capture('pastless');
    expect(resource.failures).toMatchObject([{ code: 'item.invalid', hint: expect.stringMatching(/read: scan/) }]);
    expect([notes.includes('items not captured'), operations.includes('Scan')]).toEqual([true, false]);
    expect(resource.dump().some((line) => line.startsWith('/table.json'))).toBe(true);
  });

  it('tell nothing of an item in the error of a line that is not understood', async () => {
    const { context } = contextOf({ read: 'export' });
    const bytes = gzipSync('{"Item":{"password":{"S":xyzzy}}}\n');
    const answer = { ContentLength: bytes.length, ETag: '"1"', Body: Readable.from([bytes]) };
    const bucket = { getObject: async () => await Promise.resolve(answer) } as unknown as S3;
    const md5 = createHash('md5').update(bytes).digest('base64');
    const reading = readLines(
      context,
      { s3: bucket, bucket: Bucket, resource: 'dynamodb/t' },
      { key: 'k', items: 1, md5, etag: '1' },
    );
    const error: unknown = await reading.next().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'item.damaged',
      message: 'k of an export of dynamodb/t has a line (1) that is not JSON',
    });
    expect(inspect(error)).not.toContain('xyzzy');
  });

  it('need a bucket', () => {
    expect(options.safeParse({ read: 'export' }).error?.message).toMatch(/needs a bucket/);
    expect(options.safeParse({ read: 'export', exportBucket: Bucket }).success).toBe(true);
  });

  it('are scanned for a comparison, which an export of the past would not serve', async () => {
    const { context, calls } = contextOf({ read: 'export' });
    const found = (await discoverAll(connector, context)).find(({ ref }) => ref.name === 'whole');
    if (!found) throw new Error('no table');
    const { increment: _, ...sink } = createMemorySnapshot(found.ref).sink;
    await connector.capture(context, found, sink);
    expect(calls.map(({ operation }) => operation)).toContain('Scan');
  });
});

const minute = 60_000;
const hour = 60 * minute;

describe('windows of incremental exports', () => {
  it('cover all of the time between, of 15 minutes to 24 hours each', () => {
    const past = { earliest: 0, latest: 100 * hour };
    for (const [from, to] of [
      [10 * hour, 10 * hour + minute],
      [10 * hour, 34 * hour],
      [10 * hour, 34 * hour + 1000],
      [10 * hour, 99 * hour],
    ] as const) {
      const windows = windowsBetween(from, to, past) ?? [];
      for (const { from: begin = 0, to: end } of windows) {
        expect(end - begin).toBeGreaterThanOrEqual(15 * minute);
        expect(end - begin).toBeLessThanOrEqual(24 * hour);
      }
      expect(windows[0]?.from).toBeLessThanOrEqual(from);
      expect(windows.at(-1)?.to).toBe(to);
      for (const [i, { from: begin }] of windows.entries())
        if (i > 0) expect(begin).toBeLessThanOrEqual(windows[i - 1]?.to ?? 0);
    }
  });

  it('are none where nothing is newer, and not to be had where the past begins later', () => {
    expect(windowsBetween(hour, hour, { earliest: 0, latest: hour })).toEqual([]);
    expect(windowsBetween(hour, 3 * hour, { earliest: 2 * hour, latest: 3 * hour })).toBeUndefined();
    expect(windowsBetween(hour, hour + minute, { earliest: hour - minute, latest: hour + minute })).toBeUndefined();
  });
});
