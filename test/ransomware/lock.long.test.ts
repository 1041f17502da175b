import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../cli/local-estate.ts';
import type { CliResult } from '../cli/run-cli.ts';
import { segmentFile } from '../../src/repository/wal/segments.ts';
import { startMoto, type Emulator } from '../emulators/index.ts';
import { segmentSize, systemId, walBytes } from '../pitr/made-base.ts';

let moto: Emulator;
let client: S3Client;
let estate: LocalEstate;

beforeAll(async () => {
  [moto, estate] = await Promise.all([startMoto(), localEstate()]);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: 'plain' }));
  await client.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
  // A default retention locks everything, checkpoints and leases too: all must work then.
  const DefaultRetention = { Mode: 'GOVERNANCE', Days: 1 } as const;
  await client.send(
    new PutObjectLockConfigurationCommand({
      Bucket: 'locked',
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
    }),
  );
});
afterAll(async () => {
  client.destroy();
  await Promise.all([moto.stop(), estate.remove()]);
});

async function configured(bucket: string, days: number): Promise<void> {
  const repository = `{ address: "s3+${moto.endpoint}/${bucket}/p", lock: { mode: compliance, days: ${days} } }`;
  const lines = ['version: 1', 'estate: acme', `repository: ${repository}`, 'sources:'];
  lines.push('  - { type: local, name: tools, path: ./tools }', '');
  await writeFile(join(estate.folder, 'holdfast.yaml'), lines.join('\n'));
}

function run(...args: string[]): Promise<CliResult> {
  return estate.run(args, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
}

test('a bucket without Object Lock, and days that a session may outlive, are refused', async () => {
  await configured('plain', 35);
  expectError(await run('init', '--yes'), 'storage.unsupported', 2);
  await configured('locked', 3);
  const short = await run('init', '--yes');
  expectError(short, 'config.invalid', 2);
  expect(short.stderr).toContain('at least 8 days');
});

test('everything a snapshot needs is locked in the bucket, also what an earlier one brought', async () => {
  await configured('locked', 35);
  expect(await run('init', '--yes')).toMatchObject({ status: 0 });
  const first = await run('snapshot', '--verbose');
  expect(first.status).toBe(0);
  expect(first.stderr).not.toContain('lock extend');
  await configured('locked', 60);
  await writeFile(join(estate.folder, 'tools', 'new.txt'), 'new\n');
  expect(await run('snapshot')).toMatchObject({ status: 0 });
  const { status, stdout } = await run('lock', 'status', '--read-back', '--json');
  const found = JSON.parse(stdout) as { readBack: number; objects: number; earliest: string };
  expect(found).toMatchObject({ schema: 1, whole: true, weaker: [], problems: [], suspicions: [] });
  expect(found.readBack).toBe(found.objects);
  expect(status).toBe(0);

  // The first snapshot's own object is what scheduled runs extend.
  const extended = await run('lock', 'extend');
  expect(extended.stdout).toMatch(/, 1 extended\./);
  const in59Days = Date.now() + 59 * 86_400_000;
  const after = JSON.parse((await run('lock', 'status', '--json')).stdout) as { earliest: string; due: number };
  expect(after.due).toBe(0);
  expect(Date.parse(after.earliest)).toBeGreaterThan(in59Days);

  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: 'locked', Prefix: 'p/data/' }));
  expect(Versions.length).toBeGreaterThan(0);
  for (const { Key, VersionId } of Versions) {
    const destroyed = client.send(new DeleteObjectCommand({ Bucket: 'locked', Key, VersionId }));
    await expect(destroyed).rejects.toMatchObject({ name: 'AccessDenied' });
  }
}, 120_000);

test('WAL is locked as it is stored, and its lock extended with those of the rest', async () => {
  await configured('locked', 60);
  const start = 0x5000000n;
  const bytes = walBytes(1, start, segmentSize);
  bytes.writeBigUInt64LE(start, 8);
  bytes.writeBigUInt64LE(BigInt(systemId), 24);
  bytes.writeUInt32LE(segmentSize, 32);
  await writeFile(join(estate.folder, segmentFile(1, start, segmentSize)), bytes);
  expect(await run('wal', 'push', segmentFile(1, start, segmentSize))).toMatchObject({ status: 0 });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'locked', Prefix: 'p/wal/' }));
  expect(Contents).toHaveLength(1);
  const lockedDays = async (): Promise<number> => {
    const head = await client.send(new HeadObjectCommand({ Bucket: 'locked', Key: Contents[0]?.Key }));
    expect(head.ObjectLockMode).toBe('COMPLIANCE');
    return ((head.ObjectLockRetainUntilDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
  };
  expect(await lockedDays()).toBeGreaterThan(71);
  await configured('locked', 100);
  expect(await run('lock', 'extend')).toMatchObject({ status: 0 });
  expect(await lockedDays()).toBeGreaterThan(119);
  const found = JSON.parse((await run('lock', 'status', '--read-back', '--json')).stdout) as object;
  expect(found).toMatchObject({ whole: true, due: 0, weaker: [], suspicions: [] });
}, 120_000);
