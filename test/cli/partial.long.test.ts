import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '../../src/estate/contract.ts';
import { awsEstate, type AwsEstate } from './aws-estate.ts';

let estate: AwsEstate;

beforeAll(async () => {
  estate = await awsEstate({ uploads: ['a.txt', 'b.txt'], exports: ['c.txt'] });
});
afterAll(async () => {
  await estate.stop();
});
afterEach(() => {
  estate.proxy.clearFaults();
});

test('one denied object costs one item: exit 4, counts and the reason', async () => {
  estate.proxy.addFault({
    service: 's3',
    kind: 'deny',
    match: ({ method, path }) => method === 'GET' && path.includes('b.txt'),
  });
  const { status, stdout, stderr } = await estate.run(['snapshot']);
  expect(status).toBe(4);
  expect(stdout).toMatch(/^s3-buckets +2 +1 .* 1 partial$/m);
  expect(stdout).toMatch(/^ {2}.*uploads.*b\.txt.*AccessDenied.* \[item\.denied\]$/m);
  expect(stderr).toMatch(/^failed: .*b\.txt.*\[item\.denied\]$/m);
  const { stdout: json } = await estate.run(['snapshot', '--json']);
  const manifest = JSON.parse(json) as Manifest;
  expect(manifest.outcome).toBe('partial');
  expect(manifest.components[0]?.source).toMatchObject({ expected: 2, captured: 1, partial: 1 });
});

test('what cannot be listed is told by discover: exit 4', async () => {
  estate.proxy.addFault({ service: 's3', kind: 'deny' });
  const { status, stdout } = await estate.run(['discover']);
  expect(status).toBe(4);
  expect(stdout).toMatch(/^not listed: .*AccessDenied.* \[item\.denied\]$/m);
});

test('throttled calls are tried again and cost nothing', async () => {
  estate.proxy.addFault({ service: 's3', kind: 'throttle', times: 5 });
  expect((await estate.run(['snapshot'])).status).toBe(0);
});

test('doctor says whose credentials are used, and that the emulated account answers', async () => {
  const { status, stdout } = await estate.run(['doctor']);
  expect(stdout).toMatch(/^ok {4}credentials: account main: 123456789012 as arn:aws:/m);
  expect(status).toBe(0);
});
