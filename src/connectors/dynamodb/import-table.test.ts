import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { S3 } from '@aws-sdk/client-s3';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { putAll, readTables, seedTables } from '../../../test/dynamodb/seed.ts';
import { captureAll, conformanceContext } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreContext } from '../contract.ts';
import { importFiles } from './import-files.ts';
import { connector } from './index.ts';
import { applyAll, planOf, region, useMoto } from './moto-for-test.ts';
import { options, type DynamoOptions } from './options.ts';

const Bucket = 'exports';
let client: DynamoDB;
let s3: S3;
let captured: Map<string, MemoryResource>;

useMoto(async (used) => {
  ({ client } = used);
  s3 = new S3({ region, forcePathStyle: true });
  used.later(() => s3.destroy());
  await s3.createBucket({ Bucket });
  await seedTables(client);
  await client.createTable({
    TableName: 'many',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'day', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-day',
        KeySchema: [{ AttributeName: 'day', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    DeletionProtectionEnabled: true,
    Tags: [{ Key: 'site', Value: 'shop' }],
  });
  await client.updateTimeToLive({
    TableName: 'many',
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
  });
  const items = Array.from({ length: 120 }, (_, i) => ({ id: { S: `k-${i}` }, day: { S: `d-${i % 3}` } }));
  await putAll(client, 'many', items);
  captured = await captureAll(connector, contextOf().context);
});

function contextOf(more: Partial<RestoreContext<DynamoOptions>> = {}) {
  const given = { kinesis: false, contributorInsights: false, restoreFrom: 'import', exportBucket: Bucket };
  const run = conformanceContext<DynamoOptions>(options.parse(given), region, 'regional');
  return { ...run, context: { ...run.context, mode: 'create-missing' as const, ...more } };
}

function resourceOf(name: string): MemoryResource {
  const one = captured.get(name);
  if (!one) throw new Error(`no ${name}`);
  return one;
}

it('a missing table is imported, compared, and given what an import leaves out; nothing stays in the bucket', async () => {
  const before = await readTables(client);
  await client.updateTable({ TableName: 'many', DeletionProtectionEnabled: false });
  await client.deleteTable({ TableName: 'many' });
  const { context, calls } = contextOf();
  const actions = await planOf(resourceOf('many'), context);
  expect(actions.map(({ operation }) => operation)).toEqual([
    'import-table',
    'write-items',
    'update-settings',
    'enable-ttl',
  ]);
  expect(actions[0]?.title).toMatch(/^import table many .* with 120 items through s3:\/\/exports\/holdfast\/$/);
  // A stored plan is compared with one made anew.
  expect(await planOf(resourceOf('many'), context)).toEqual(actions);
  const outcomes = await applyAll(resourceOf('many'), context, actions);
  expect(outcomes.slice(0, 2).map((outcome) => [outcome?.result, outcome?.items])).toEqual([
    ['done', 120],
    ['unchanged', 0],
  ]);
  expect(await readTables(client)).toEqual(before);
  expect((await s3.listObjectsV2({ Bucket })).Contents ?? []).toEqual([]);
  expect(await planOf(resourceOf('many'), context)).toEqual([]);
  expect((await applyAll(resourceOf('many'), context, actions)).map((outcome) => outcome?.result)).toEqual(
    actions.map(() => 'unchanged'),
  );
  const declared = new Set(connector.calls.restore.map(({ operation }) => operation));
  expect(calls.map(({ operation }) => operation).filter((operation) => !declared.has(operation))).toEqual([]);
});

it('what an import did not bring is written after it, and an import that fails leaves nothing in the bucket', async () => {
  const { context } = contextOf({ rename: () => 'copy' });
  const actions = await planOf(resourceOf('many'), context);
  await applyAll(resourceOf('many'), context, actions.slice(0, 1));
  for (let i = 0; i < 7; i++) await client.deleteItem({ TableName: 'copy', Key: { id: { S: `k-${i}` } } });
  expect((await applyAll(resourceOf('many'), context, actions.slice(1, 2)))[0]?.items).toBe(7);
  const elsewhere = contextOf({ rename: () => 'elsewhere' }).context;
  const bad = { ...elsewhere, options: { ...elsewhere.options, exportBucket: 'no-such-bucket' } };
  await expect(applyAll(resourceOf('many'), bad, await planOf(resourceOf('many'), elsewhere))).rejects.toMatchObject({
    code: 'item.not-found',
    message: expect.stringMatching(/PutObject/) as unknown,
  });
});

it('tables with local indexes, parts, and tables without items are made as ever', async () => {
  const operations = async (name: string, more: Partial<RestoreContext<DynamoOptions>> = {}): Promise<string[]> =>
    (await planOf(resourceOf(name), contextOf({ rename: () => 'other', ...more }).context)).map(
      ({ operation }) => operation,
    );
  expect((await operations('orders'))[0]).toBe('create-table');
  expect(await operations('counters')).toEqual(['create-table']);
  const only = { collection: 'items', prefix: Buffer.from('k-1') };
  expect((await operations('many', { only }))[0]).toBe('create-table');
  expect(options.safeParse({ restoreFrom: 'import' }).error?.message).toMatch(/needs a bucket/);
});

it('files of an import hold each item once, however they are cut', async () => {
  const lines: string[] = [];
  let files = 0;
  for await (const { bytes, items } of importFiles(resourceOf('many').captured, 500)) {
    files++;
    const own = gunzipSync(bytes).toString().trimEnd().split('\n');
    expect(own).toHaveLength(items);
    lines.push(...own);
  }
  expect(files).toBeGreaterThan(5);
  expect(new Set(lines.map((line) => (JSON.parse(line) as { Item: { id: { S: string } } }).Item.id.S)).size).toBe(120);
});
