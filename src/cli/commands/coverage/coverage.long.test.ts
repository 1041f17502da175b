import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsEstate, configuration, type AwsEstate } from '../../../../test/cli/aws-estate.ts';
import { expectError } from '../../../../test/cli/local-estate.ts';
import type { CoverageReport } from '../../../estate/coverage/contract.ts';

const workgroup = 'arn:aws:athena:us-east-1:123456789012:workgroup/untagged';
let estate: AwsEstate;
let explorer: Server;
let vpc = '';

/** Ours, not an emulator: Resource Explorer is in none. Answers ListResources with one resource, and one that is known. */
async function startExplorer(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      const Resources = [workgroup, 'arn:aws:s3:::kept'].map((Arn) => ({ Arn, Region: 'us-east-1' }));
      response.end(JSON.stringify({ Resources }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

beforeAll(async () => {
  estate = await awsEstate({ kept: ['a'], 'left-out': ['b'] });
  explorer = await startExplorer();
  const settings = { endpoint: estate.endpoint, region: 'us-east-1' };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  await new SQSClient({ ...settings, credentials }).send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const tags = [{ ResourceType: 'vpc' as const, Tags: [{ Key: 'site', Value: 'acme' }] }];
  const made = await new EC2Client({ ...settings, credentials }).send(
    new CreateVpcCommand({ CidrBlock: '10.9.0.0/16', TagSpecifications: tags }),
  );
  vpc = `arn:aws:ec2:us-east-1:123456789012:vpc/${made.Vpc?.VpcId}`;
  const file = join(estate.folder, 'holdfast.yaml');
  await writeFile(file, configuration.replace('- s3-buckets', "- s3-buckets: { exclude: ['left-*'] }"));
});
afterAll(async () => {
  explorer.close();
  await estate.stop();
});

async function coverage(
  ...args: readonly string[]
): Promise<{ readonly status: number | null; report: CoverageReport }> {
  const { port } = explorer.address() as AddressInfo;
  const env = { AWS_ENDPOINT_URL_RESOURCE_EXPLORER_2: `http://127.0.0.1:${port}` };
  const { status, stdout, stderr } = await estate.run(['coverage', '--json', '--quiet', ...args], env);
  expect(stderr).toBe('');
  return { status, report: JSON.parse(stdout) as CoverageReport };
}

function reasonOf({ gaps }: CoverageReport, resource: string): string | undefined {
  return gaps.find((gap) => gap.resource === resource)?.reason;
}

test('what nothing protects is told with the reason, tagged or not, and by whoever lists it', async () => {
  const before = await coverage();
  expect(before.status).toBe(1);
  expect(reasonOf(before.report, 's3-buckets/kept')).toBe('never-captured');
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
  const { status, report } = await coverage();
  expect(status).toBe(1);
  expect(reasonOf(report, 's3-buckets/kept')).toBeUndefined();
  expect(reasonOf(report, 's3-buckets/left-out')).toBe('excluded');
  expect(reasonOf(report, 'sqs/jobs')).toBe('no-source');
  expect(reasonOf(report, vpc)).toBe('no-connector');
  expect(reasonOf(report, workgroup)).toBe('no-connector');
  expect(report.gaps.every(({ resource }) => !resource.includes(':::kept'))).toBe(true);
  expect(report.protected).toBe(report.existing - report.gaps.length);
});

test('a list that cannot be had is told, and costs itself only', async () => {
  estate.proxy.addFault({ kind: 'deny', service: 'sqs' });
  const { report } = await coverage();
  estate.proxy.clearFaults();
  expect(report.failures.map(({ message }) => message).join()).toContain('ListQueues');
  expect(reasonOf(report, 's3-buckets/left-out')).toBe('excluded');
});

test('people read it by reason; a length of time that is none is a usage error', async () => {
  const { stdout } = await estate.run(['coverage']);
  expect(stdout).toContain('No connector knows their type:');
  expect(stdout).toMatch(/^\d+ of \d+ resources protected by a snapshot of the last 7d; \d+ not\.$/m);
  expectError(await estate.run(['coverage', '--within', 'soon']), 'usage.invalid', 2);
});
