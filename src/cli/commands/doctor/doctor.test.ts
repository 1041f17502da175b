import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import { call } from '../../../connectors/contract.ts';
import { nodeVersion } from './machine.ts';
import { buildPolicy } from './policy.ts';
import type { Check } from './run.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
});
afterAll(async () => {
  await estate.remove();
});

const connectors = [
  {
    calls: {
      capture: [call('lambda', 'ListFunctions'), call('lambda', 'GetFunction'), call('sts', 'GetCallerIdentity')],
      restore: [
        call('lambda', 'CreateFunction', 'lambda:CreateFunction', 'iam:PassRole'),
        call('lambda', 'GetFunction'),
      ],
    },
  },
  {
    calls: {
      capture: [call('s3', 'ListObjectVersions', 's3:ListBucketVersions'), call('lambda', 'ListFunctions')],
      restore: [],
    },
  },
];

test('a policy has one statement per service, sorted, without doubles', () => {
  expect(buildPolicy(connectors, 'capture')).toEqual({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'CaptureLambda', Effect: 'Allow', Action: ['lambda:GetFunction', 'lambda:ListFunctions'], Resource: '*' },
      { Sid: 'CaptureS3', Effect: 'Allow', Action: ['s3:ListBucketVersions'], Resource: '*' },
      { Sid: 'CaptureSts', Effect: 'Allow', Action: ['sts:GetCallerIdentity'], Resource: '*' },
    ],
  });
});

test('restoring adds what capturing does not have, in statements of its own', () => {
  const { Statement } = buildPolicy(connectors, 'restore');
  expect(Statement.filter(({ Sid }) => Sid.startsWith('Restore'))).toEqual([
    { Sid: 'RestoreIam', Effect: 'Allow', Action: ['iam:PassRole'], Resource: '*' },
    { Sid: 'RestoreLambda', Effect: 'Allow', Action: ['lambda:CreateFunction'], Resource: '*' },
  ]);
});

test('the order of connectors does not change the policy', () => {
  expect(buildPolicy([...connectors].reverse(), 'restore')).toEqual(buildPolicy(connectors, 'restore'));
});

test('a repository in a bucket adds its bucket and prefix, and nothing else of S3', () => {
  const { Statement } = buildPolicy([], 'capture', 's3://acme-vault/holdfast');
  expect(Statement.map(({ Resource }) => Resource)).toEqual([
    'arn:aws:s3:::acme-vault/holdfast/*',
    'arn:aws:s3:::acme-vault',
  ]);
  expect(buildPolicy([], 'capture', './vault').Statement).toEqual([]);
  expect(buildPolicy([], 'capture', 's3+http://127.0.0.1:9000/bucket').Statement).toEqual([]);
});

test('the floor of Node', () => {
  expect(nodeVersion('20.18.3').outcome).toBe('fail');
  expect(nodeVersion('20.19.0').outcome).toBe('ok');
  expect(nodeVersion('24.1.0').outcome).toBe('ok');
});

test('a healthy machine and repository: all ok, and the store is left as it was', async () => {
  const before = await estate.vault();
  const { status, stdout } = await estate.run(['doctor', '--json']);
  const report = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  expect(report.checks.filter((check) => check.outcome === 'fail')).toEqual([]);
  expect(report.ok).toBe(true);
  expect(status).toBe(0);
  expect(new Set(report.checks.map((check) => check.group))).toEqual(
    new Set(['machine', 'configuration', 'credentials', 'store', 'repository']),
  );
  expect(await estate.vault()).toEqual(before);
  expect(await readdir(join(estate.folder, 'vault'))).not.toContain('doctor');
});

test('a wrong passphrase is a failed check with its hint: exit 1', async () => {
  const { status, stdout } = await estate.run(['doctor'], { HOLDFAST_PASSPHRASE: 'wrong' });
  expect(status).toBe(1);
  expect(stdout).toMatch(/^fail {2}repository: opens: the passphrase opens none/m);
  expect(stdout).toMatch(/^ +hint: Check HOLDFAST_PASSPHRASE/m);
});

test('a broken configuration is a failed check, not the end of the examination', async () => {
  const { status, stdout } = await estate.run(['doctor', '--config', 'tools']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^ok {4}machine: Node/m);
  expect(stdout).toMatch(/^fail {2}configuration: file/m);
});

test('--policy without a configuration covers every connector, is valid JSON and says the same each time', async () => {
  const args = ['doctor', '--policy=restore', '--config', 'nowhere.yaml'];
  const [first, second] = [await estate.run(args), await estate.run(args)];
  expect(first.status).toBe(0);
  expect(second.stdout).toBe(first.stdout);
  const policy = JSON.parse(first.stdout) as { Statement: { Sid: string; Action: string[] }[] };
  const services = policy.Statement.flatMap(({ Action }) => Action.map((action) => action.split(':')[0]));
  for (const service of ['cloudfront', 'dynamodb', 'iam', 'lambda', 'route53', 's3'])
    expect(services).toContain(service);
  for (const { Action } of policy.Statement) {
    // The one pattern: CloudFront's guide has it so for functions at the edge.
    const named = Action.filter((action) => action !== 'lambda:EnableReplication*');
    expect(named.filter((action) => !/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action))).toEqual([]);
    expect(Action).toEqual([...new Set(Action)].sort());
  }
});
