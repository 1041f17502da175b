import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import { startMoto, type Emulator } from '../../../../test/emulators/index.ts';
import type { Check } from './run.ts';

let estate: LocalEstate;
let moto: Emulator;
let s3: S3Client;

beforeAll(async () => {
  [estate, moto] = await Promise.all([localEstate(), startMoto()]);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  s3 = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
});
afterAll(async () => {
  s3.destroy();
  await Promise.all([estate.remove(), moto.stop()]);
});

const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

async function report(args: readonly string[]): Promise<{ status: number | null; ok: boolean; checks: Check[] }> {
  const { status, stdout } = await estate.run(['doctor', '--store', ...args, '--json'], env);
  return { status, ...(JSON.parse(stdout) as { ok: boolean; checks: Check[] }) };
}

test('the configured store alone: every promise is tried, and it is left as it was', async () => {
  const before = await estate.vault();
  const { status, stdout } = await estate.run(['doctor', '--store', '--seconds', '1']);
  expect(stdout).toMatch(/^ok {4}store: conditional create: held \d+ times$/m);
  expect(stdout).toMatch(/^ok {4}store: durability: held \d+ times$/m);
  expect(stdout).toMatch(/vault is safe for a repository\.$/m);
  expect(stdout).not.toContain('machine:');
  expect(status).toBe(0);
  expect(await estate.vault()).toEqual(before);
  expect(await readdir(join(estate.folder, 'vault'))).not.toContain('doctor');
});

test('a bucket that is named, with locks and versions: nothing stays, no version either', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
  const { status, ok, checks } = await report([`s3+${moto.endpoint}/locked/p`, '--quick']);
  expect(checks.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  expect(checks.find(({ name }) => name === 'retention lock')?.said).toContain('locks hold');
  expect([ok, status]).toEqual([true, 0]);
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'locked' }));
  expect([...Versions, ...DeleteMarkers]).toEqual([]);
}, 60_000);

test('a bucket that locks everything by default is not written to', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'default-lock', ObjectLockEnabledForBucket: true }));
  await s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket: 'default-lock',
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 35 } },
      },
    }),
  );
  const { checks } = await report([`s3+${moto.endpoint}/default-lock`]);
  expect(checks.find(({ name }) => name === 'semantics')).toMatchObject({
    outcome: 'warn',
    said: expect.stringContaining('35 days') as string,
  });
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'default-lock' }));
  expect(Versions).toEqual([]);
});

test('Ctrl-C ends it, and nothing stays', async () => {
  const before = await estate.vault();
  const stopped = await estate.run(
    ['doctor', '--store', '--seconds', '60'],
    {},
    {
      during: (child) => {
        child.stdout?.on('data', (text: string) => {
          if (text.includes('retention lock')) setTimeout(() => child.kill('SIGINT'), 700);
        });
      },
    },
  );
  expect(stopped.status).toBe(130);
  expect(await estate.vault()).toEqual(before);
  expect(await readdir(join(estate.folder, 'vault'))).not.toContain('doctor');
});

test('a store that is not there is not safe; options of --store want it', async () => {
  const { status, stdout } = await estate.run(['doctor', '--store', `s3+${moto.endpoint}/nowhere`], env);
  expect(stdout).toContain('NOT safe');
  expect(status).toBe(1);
  expectError(await estate.run(['doctor', '--quick']), 'usage.invalid', 2);
  expect((await estate.run(['doctor', '--store', '--seconds', 'x'])).status).toBe(2);
});
