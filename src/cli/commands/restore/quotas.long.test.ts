import { DeleteBucketCommand, DeleteObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ServiceQuotas } from '@aws-sdk/client-service-quotas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awsEstate, type AwsEstate } from '../../../../test/cli/aws-estate.ts';
import type { RestorePlan, RestoreReport } from '../../../estate/restore-contract.ts';

let estate: AwsEstate;
let s3: S3Client;
let quotas: ServiceQuotas;
const back = ['restore', 'latest', '--to', 'live'];

beforeAll(async () => {
  estate = await awsEstate({ assets: ['logo.png'], uploads: ['a.txt'] });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const settings = { endpoint: estate.endpoint, region: 'us-east-1', credentials };
  s3 = new S3Client({ ...settings, forcePathStyle: true });
  quotas = new ServiceQuotas(settings);
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
  await s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'a.txt' }));
  await s3.send(new DeleteBucketCommand({ Bucket: 'uploads' }));
});
afterAll(async () => {
  s3.destroy();
  quotas.destroy();
  await estate.stop();
});

async function mayHave(DesiredValue: number): Promise<void> {
  const quota = { ServiceCode: 's3', QuotaCode: 'L-DC2B2D3D' };
  await quotas.requestServiceQuotaIncrease({ ...quota, DesiredValue });
}

async function buckets(): Promise<(string | undefined)[]> {
  return ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name);
}

it('a plan says which quota it exceeds and what to ask for; applied, it creates nothing until there is room', async () => {
  await mayHave(1);
  const dry = await estate.run([...back, '--dry-run']);
  expect(dry.stdout).toContain(
    'Does not fit: S3 buckets: would need 1 more, 1 exist, the quota is 1; ask for 2 (Service Quotas: s3 L-DC2B2D3D in us-east-1).',
  );
  const planned = JSON.parse((await estate.run([...back, '--dry-run', '--json'])).stdout) as RestorePlan;
  const ask = { service: 's3', code: 'L-DC2B2D3D', region: 'us-east-1', adjustable: true };
  expect(planned.quotas).toMatchObject([{ type: 's3-buckets', needed: 1, used: 1, limit: 1, ask }]);
  const refused = await estate.run([...back, '--yes']);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('restore.over-quota');
  expect(await buckets()).toEqual(['assets']);

  // Nobody may look: a line, and the restore goes on.
  estate.proxy.addFault({ kind: 'deny', service: 'servicequotas' });
  const blind = await estate.run([...back, '--dry-run']);
  expect(blind.stdout).toContain('Quotas of s3-buckets not checked: ListServiceQuotas of quotas of s3 failed');
  estate.proxy.clearFaults();

  await mayHave(2);
  const report = JSON.parse((await estate.run([...back, '--yes', '--json'])).stdout) as RestoreReport;
  expect(report).toMatchObject({ outcome: 'complete', failures: [] });
  expect(await buckets()).toEqual(['assets', 'uploads']);
});
