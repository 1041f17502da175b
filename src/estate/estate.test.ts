import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEstate, source } from '../../test/estate/memory-estate.ts';
import {
  startFaultProxy,
  startMinistack,
  startMoto,
  useEndpoints,
  type Emulator,
  type FaultProxy,
} from '../../test/emulators/index.ts';
import type { AccountConfig, EstateConfig } from '../config/contract.ts';
import type { AwsCallRecord } from '../connectors/aws/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';
import { systemRuntime } from '../kernel/runtime.ts';
import { createEstate, type OpenEstate } from './aws.ts';
import type { RestoreRequest } from './restore-contract.ts';
import { findDrift } from './drift.ts';
import { findEstate } from './found.ts';
import { applyRestore } from './restore-apply.ts';
import { planRestore } from './restore-plan.ts';
import { takeSnapshot } from './snapshot.ts';

let moto: Emulator;
let ministack: Emulator;
let proxy: FaultProxy;
let putBack: () => void;
let folder = '';
const opened: OpenEstate[] = [];

const moto1: AccountConfig = { name: 'prod', regions: ['us-east-1', 'eu-west-1'] };
const all = { selection: { selectors: [] }, tags: {}, resume: false };

beforeAll(async () => {
  [moto, ministack] = await Promise.all([startMoto(), startMinistack()]);
  proxy = await startFaultProxy(moto.endpoint);
  putBack = useEndpoints({ all: proxy.endpoint, services: { dynamodb: ministack.endpoint } });
  folder = await mkdtemp(join(tmpdir(), 'holdfast-estate-'));
  const s3 = new S3Client({ forcePathStyle: true });
  for (const name of ['acme-uploads', 'acme-logs']) {
    await s3.send(new CreateBucketCommand({ Bucket: name }));
    await s3.send(new PutObjectCommand({ Bucket: name, Key: 'a/b.txt', Body: `b of ${name}` }));
  }
  for (const region of moto1.regions) {
    const dynamodb = new DynamoDBClient({ region });
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'carts',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    for (const id of ['1', '2'])
      await dynamodb.send(new PutItemCommand({ TableName: 'carts', Item: { id: { S: id }, in: { S: region } } }));
  }
});

afterAll(async () => {
  for (const estate of opened) estate.close();
  putBack();
  await proxy.stop();
  await Promise.all([moto.stop(), ministack.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function open(config: EstateConfig, calls: AwsCallRecord[] = []): OpenEstate {
  const estate = createEstate({
    config,
    runtime: systemRuntime,
    events: () => undefined,
    signal: new AbortController().signal,
    concurrency: 32,
    host: 'test host',
    onCall: (call) => calls.push(call),
  });
  opened.push(estate);
  return estate;
}

async function scene(config: Partial<EstateConfig> = {}) {
  const made = await createTestEstate([], {
    accounts: [moto1],
    sources: [source('s3-buckets'), source('dynamodb')],
    ...config,
  });
  const estate = open(made.estate.config);
  return { made, estate, repository: made.repository };
}

async function code(running: Promise<unknown>): Promise<string> {
  const error: unknown = await running.catch((caught: unknown) => caught);
  return error instanceof HoldfastError ? error.code : `no error: ${String(error)}`;
}

describe('an estate in AWS', () => {
  it('is captured, damaged, compared, restored, and equal again', async () => {
    const { made, estate, repository } = await scene();
    const { info, manifest } = await takeSnapshot(estate, repository, all);
    expect(manifest.components.flatMap((component) => component.source.failures)).toEqual([]);
    expect(info.outcome).toBe('complete');
    expect(
      manifest.components.flatMap((c) => c.resources.map((r) => `${r.ref.type}/${r.ref.name} ${r.ref.account}`)),
    ).toEqual([
      's3-buckets/acme-logs 123456789012',
      's3-buckets/acme-uploads 123456789012',
      'dynamodb/carts 123456789012',
      'dynamodb/carts@eu-west-1 123456789012',
    ]);
    const reader = await repository.open(info);
    expect((await findDrift(estate, repository, reader, { selectors: [] })).resources).toEqual([]);

    const s3 = new S3Client({ forcePathStyle: true });
    const dynamodb = new DynamoDBClient({ region: 'eu-west-1' });
    await s3.send(new DeleteObjectCommand({ Bucket: 'acme-uploads', Key: 'a/b.txt' }));
    await dynamodb.send(new DeleteTableCommand({ TableName: 'carts' }));
    const drift = await findDrift(estate, repository, reader, { selectors: [] });
    expect(drift.failures).toEqual([]);
    expect(drift.resources.map(({ resource, change }) => [resource, change])).toEqual([
      ['dynamodb/carts@eu-west-1', 'missing'],
      ['s3-buckets/acme-uploads', 'changed'],
    ]);

    const request: RestoreRequest = { path: '', to: { live: {} }, mode: 'revert-changed', rename: [] };
    const plan = await planRestore(estate, repository, reader, request);
    expect(new Set(plan.actions.map(({ resource }) => `${resource.type}/${resource.name}`))).toEqual(
      new Set(['dynamodb/carts@eu-west-1', 's3-buckets/acme-uploads']),
    );
    const report = await applyRestore(estate, repository, reader, plan);
    expect(report.failures).toEqual([]);
    expect(report.outcome).toBe('complete');

    const object = await s3.send(new GetObjectCommand({ Bucket: 'acme-uploads', Key: 'a/b.txt' }));
    expect(await object.Body?.transformToString()).toBe('b of acme-uploads');
    const { Items: items = [] } = await dynamodb.send(new ScanCommand({ TableName: 'carts' }));
    expect(items.map((item) => `${item['id']?.S} ${item['in']?.S}`).sort()).toEqual(['1 eu-west-1', '2 eu-west-1']);
    expect((await findDrift(estate, repository, reader, { selectors: [] })).resources).toEqual([]);

    const directory = join(folder, 'restored');
    const toDirectory: RestoreRequest = { ...request, to: { directory }, mode: 'create-missing' };
    await applyRestore(estate, repository, reader, await planRestore(made.estate, repository, reader, toDirectory));
    expect(await readFile(join(directory, 's3-buckets/acme-uploads/objects/a/b.txt'), 'utf8')).toBe(
      'b of acme-uploads',
    );
  }, 60_000);

  it('loses one item to one denied call, and says which', async () => {
    proxy.addFault({
      service: 's3',
      kind: 'deny',
      match: ({ method, path }) => method === 'GET' && path.includes('/acme-logs/a/b.txt'),
    });
    const { estate, repository } = await scene({ sources: [source('s3-buckets')] });
    const { info, manifest } = await takeSnapshot(estate, repository, all);
    proxy.clearFaults();
    expect(info.outcome).toBe('partial');
    expect(manifest.components[0]?.source).toMatchObject({ expected: 2, captured: 1, partial: 1 });
    expect(manifest.components[0]?.source.failures[0]).toMatchObject({ code: 'item.denied' });
    expect(manifest.components[0]?.source.failures[0]?.resource).toContain('acme-logs/objects/a/b.txt');
  }, 60_000);

  it('assumes the role of an account, and loses only that account when it may not', async () => {
    const iam = new IAMClient({});
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'Capture',
        AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}',
      }),
    );
    const role = 'arn:aws:iam::210987654321:role/Capture';
    const dr = { name: 'dr', id: '210987654321', role, externalId: 'x', regions: ['us-west-2'] };
    const { estate, repository } = await scene({ accounts: [moto1, dr], sources: [source('s3-buckets')] });
    const access = await estate.aws('dr');
    expect(access.account).toBe('210987654321');
    expect((await estate.aws('prod')).account).toBe('123456789012');
    const configuration = { LocationConstraint: 'us-west-2' as const };
    await access
      .client(S3Client)
      .send(new CreateBucketCommand({ Bucket: 'dr-vault', CreateBucketConfiguration: configuration }));
    const { manifest } = await takeSnapshot(estate, repository, all);
    const [component] = manifest.components;
    expect(component?.source).toMatchObject({ expected: 3, captured: 3 });
    expect(component?.resources.map((r) => `${r.ref.name} ${r.ref.account}`)).toContain('dr-vault@dr 210987654321');

    proxy.addFault({ service: 'sts', region: 'us-west-2', kind: 'deny' });
    const denied = await scene({ accounts: [moto1, dr], sources: [source('s3-buckets')] });
    const partial = await takeSnapshot(denied.estate, denied.repository, all);
    proxy.clearFaults();
    expect(partial.info.outcome).toBe('partial');
    expect(partial.manifest.components[0]?.source).toMatchObject({ captured: 2, failures: [{ code: 'item.denied' }] });
    expect(partial.manifest.components[0]?.source.expected).toBeUndefined();

    const mistaken = open({ ...estate.config, accounts: [{ ...moto1, id: '999999999999' }] });
    expect(await code(mistaken.aws('prod'))).toBe('config.invalid');
    expect(await code(mistaken.aws('nobody'))).toBe('usage.invalid');
  }, 60_000);

  it('finds what is there, for init', async () => {
    const found = await findEstate({
      estate: 'acme',
      repository: './vault',
      regions: moto1.regions,
      folders: [{ name: 'tools', path: './tools' }],
      runtime: systemRuntime,
      events: () => undefined,
      signal: new AbortController().signal,
      concurrency: 16,
      host: 'test',
    });
    expect(found.accounts).toEqual([{ name: 'default', id: '123456789012', regions: moto1.regions }]);
    const resources = Object.fromEntries(found.sources.map(({ type, resources, error }) => [type, error ?? resources]));
    expect(resources['s3-buckets']).toEqual(['acme-logs', 'acme-uploads']);
    expect(resources['dynamodb']).toEqual(['carts', 'carts@eu-west-1']);
    expect(Object.keys(resources)).not.toContain('local');
  }, 60_000);

  it('says that credentials are missing or expired', async () => {
    proxy.addFault({
      service: 'sts',
      kind: 'deny',
      match: () => true,
    });
    const { estate } = await scene({ accounts: [{ ...moto1, name: 'other' }] });
    const denied = await code(estate.aws('other'));
    proxy.clearFaults();
    expect(denied).toBe('item.denied');
    const before = { ...process.env };
    for (const key of Object.keys(process.env))
      if (/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE)$/.test(key)) delete process.env[key];
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    process.env['HOME'] = folder;
    try {
      expect(await code(open({ ...estate.config }).aws('other'))).toBe('aws.credentials-missing');
    } finally {
      Object.assign(process.env, before);
    }
  }, 60_000);
});
