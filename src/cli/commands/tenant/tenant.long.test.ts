import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsEstate, configuration, type AwsEstate } from '../../../../test/cli/aws-estate.ts';
import { expectError } from '../../../../test/cli/local-estate.ts';

let estate: AwsEstate;
let s3: S3Client;
let dynamodb: DynamoDBClient;

const shared = `
tenants:
  sources:
    s3-buckets: { uploads: "tenants/{tenant}/" }
    dynamodb: { carts: { partition: "T#{tenant}" }, profiles: { partition: "{tenant}" } }
`;

// t1 is how t10 begins, and t/1 is no tenant.
const owners = ['t1', 't10', 'ü 2'];

beforeAll(async () => {
  const keys = owners.flatMap((owner) => ['a', 'b/c'].map((name) => `tenants/${owner}/${name}`));
  estate = await awsEstate({ uploads: [...keys, 'tenants/readme', 'other'], private: ['tenants/t1/x'] });
  const settings = { endpoint: estate.endpoint, region: 'us-east-1' };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  s3 = new S3Client({ ...settings, credentials, forcePathStyle: true });
  dynamodb = new DynamoDBClient({ ...settings, credentials });
  await createTable('carts', ['pk', 'sk']);
  await createTable('profiles', ['id']);
  for (const owner of owners) {
    const cart = (sk: string) => ({ PutRequest: { Item: { pk: { S: `T#${owner}` }, sk: { S: sk }, n: { N: '1' } } } });
    const profile = { PutRequest: { Item: { id: { S: owner }, name: { S: owner } } } };
    const RequestItems = { carts: [cart('x'), cart('y')], profiles: [profile] };
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
  }
  await writeFile(
    join(estate.folder, 'holdfast.yaml'),
    configuration.replace('- s3-buckets', '- s3-buckets\n  - dynamodb') + shared,
  );
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await estate.stop();
});

async function createTable(TableName: string, keys: readonly string[]): Promise<void> {
  const AttributeDefinitions = keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));
  const types = ['HASH', 'RANGE'] as const;
  const KeySchema = keys.map((AttributeName, i) => ({ AttributeName, KeyType: types[i] ?? 'RANGE' }));
  const command = { TableName, AttributeDefinitions, KeySchema, BillingMode: 'PAY_PER_REQUEST' as const };
  await dynamodb.send(new CreateTableCommand(command));
}

/** All that is there, by the SDK alone. */
async function everything(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const Bucket of ['uploads', 'private']) {
    for (const { Key = '' } of (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      found[`${Bucket}/${Key}`] = (await Body?.transformToString()) ?? '';
    }
  }
  for (const TableName of ['carts', 'profiles']) {
    for (const item of (await dynamodb.send(new ScanCommand({ TableName }))).Items ?? []) {
      const key = [item['pk'] ?? item['id'], item['sk']].map((value) => value?.S ?? '').join('/');
      found[`${TableName}/${key}`] = JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
  }
  return found;
}

/** Something of t1 is lost, changed and new, and something of t10 as well. */
async function damage(): Promise<void> {
  for (const owner of ['t1', 't10']) {
    const Key = (name: string) => `tenants/${owner}/${name}`;
    await s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: Key('a') }));
    await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: Key('b/c'), Body: 'changed' }));
    await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: Key('new'), Body: 'new' }));
    const pk = { S: `T#${owner}` };
    await dynamodb.send(new DeleteItemCommand({ TableName: 'carts', Key: { pk, sk: { S: 'x' } } }));
    await dynamodb.send(new PutItemCommand({ TableName: 'carts', Item: { pk, sk: { S: 'y' }, n: { N: '7' } } }));
    await dynamodb.send(new PutItemCommand({ TableName: 'carts', Item: { pk, sk: { S: 'z' } } }));
    await dynamodb.send(new DeleteItemCommand({ TableName: 'profiles', Key: { id: { S: owner } } }));
  }
}

test('lists tenants, and what one of them has', async () => {
  const { stdout } = await estate.run(['tenant', 'list', '--json', '--quiet']);
  const holding = ['dynamodb/carts', 'dynamodb/profiles', 's3-buckets/uploads'];
  expect(JSON.parse(stdout)).toMatchObject({ tenants: owners.map((tenant) => ({ tenant, resources: holding })) });
  const shown = await estate.run(['tenant', 'show', 't1', '--json', '--quiet']);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    parts: [
      { resource: 'dynamodb/carts', collection: 'items', items: 2 },
      { resource: 'dynamodb/profiles', collection: 'items', items: 1 },
      { resource: 's3-buckets/uploads', collection: 'objects', items: 2 },
    ],
  });
  expect((await estate.run(['tenant', 'show', 'ü 2'])).stdout).toContain('s3-buckets/uploads/objects');
  expect((await estate.run(['tenant', 'show', 't'])).status).toBe(1);
});

test('restores one tenant as the mode promises, and touches nobody else', async () => {
  const before = await everything();
  await damage();
  const damaged = await everything();
  const mine = (key: string): boolean => /^(uploads\/tenants\/t1\/|carts\/T#t1\/|profiles\/t1\/)/.test(key);
  const expected = (keep: (key: string) => boolean): Record<string, string> =>
    Object.fromEntries([
      ...Object.entries(damaged).filter(([key]) => !mine(key) || keep(key)),
      ...Object.entries(before).filter(([key]) => mine(key) && !keep(key)),
    ]);

  const diff = await estate.run(['tenant', 'diff', 't1', '--json', '--quiet']);
  const planned = JSON.parse(diff.stdout) as { actions: { effect: string; resource: { name: string } }[] };
  expect(planned.actions.filter(({ effect }) => effect === 'delete').map(({ resource }) => resource.name)).toEqual([
    'carts',
    'uploads',
  ]);
  expect(await everything()).toEqual(damaged);

  const missing = await estate.run(['tenant', 'restore', 't1', '--yes', '--quiet']);
  expect(missing).toMatchObject({ status: 0 });
  expect(await everything()).toEqual(expected((key) => key in damaged));

  const changed = await estate.run(['tenant', 'restore', 't1', '--mode', 'revert-changed', '--yes', '--quiet']);
  expect(changed).toMatchObject({ status: 0 });
  expect(await everything()).toEqual(expected((key) => !(key in before)));

  const exact = await estate.run(['tenant', 'restore', 't1', '--mode', 'exact', '--yes', '--json', '--quiet']);
  expect(exact).toMatchObject({ status: 0 });
  expect(JSON.parse(exact.stdout)).toMatchObject({ outcome: 'complete', proof: { result: 'equal' } });
  const others = Object.fromEntries(Object.entries(damaged).filter(([key]) => !mine(key)));
  expect(await everything()).toEqual({
    ...others,
    ...Object.fromEntries(Object.entries(before).filter(([key]) => mine(key))),
  });

  const audit = await estate.run(['audit', '--json', '--quiet']);
  expect(audit.stdout).toMatch(/"tenant": ?"t1"/);
});

test('exports one tenant', async () => {
  expect(await estate.run(['tenant', 'export', 't1', '--to', 'out', '--quiet'])).toMatchObject({ status: 0 });
  const out = join(estate.folder, 'out');
  const objects = await readdir(join(out, 's3-buckets', 'uploads', 'objects', 'tenants'), { recursive: true });
  expect(objects.sort()).toEqual(['t1', 't1/a', 't1/b', 't1/b/c']);
  expect((await readFile(join(out, 'dynamodb', 'carts', 'items.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
  const list = JSON.parse(await readFile(join(out, 'TENANT.json'), 'utf8')) as object;
  expect(list).toMatchObject({ tenant: 't1', failures: [] });
  const again = await estate.run(['tenant', 'export', 't1', '--to', 'out']);
  expectError(again, 'restore.target-not-empty', 2);
});

test('refuses what would reach further than a tenant', async () => {
  for (const name of ['t', 'nobody'])
    expectError(
      await estate.run(['tenant', 'restore', name, '--mode', 'exact', '--yes']),
      'snapshot.nothing-selected',
      2,
    );
  for (const name of ['t1/b', ''])
    expectError(await estate.run(['tenant', 'restore', name, '--mode', 'exact', '--yes']), 'usage.invalid', 2);
  const file = join(estate.folder, 'holdfast.yaml');
  const text = await readFile(file, 'utf8');
  try {
    await writeFile(
      file,
      text.replace('tenants/{tenant}/', 'tenants/{tenant}').replace('{ partition: "{tenant}" }', '{ prefix: 1 }'),
    );
    const refused = await estate.run(['tenant', 'list']);
    expectError(refused, 'config.invalid', 2);
    expect(refused.stderr).toContain('tenants.sources.s3-buckets.uploads: write a prefix with {tenant}');
    expect(refused.stderr).toContain('tenants.sources.dynamodb.profiles');
    await writeFile(file, text.replace(shared, ''));
    expectError(await estate.run(['tenant', 'list']), 'config.invalid', 2);
  } finally {
    await writeFile(file, text);
  }
  const left = await everything();
  expect(Object.keys(left)).toContain('uploads/tenants/t1/a');
});
