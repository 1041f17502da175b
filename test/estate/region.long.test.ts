import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdfast, type CliResult } from '../cli/run-cli.ts';
import { seedEstate } from './index.ts';
import { buildStage, type Stage } from './quickstart/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await buildStage('correct horse');
  await seedEstate(stage.endpoints, 'small');
}, 300_000);
afterAll(async () => {
  await stage.stopEmulators();
  await stage.removeFolder();
});

async function run(...args: readonly string[]): Promise<CliResult> {
  return await holdfast(args, { cwd: stage.folder, env: stage.env });
}

function configuration(region: string, repository: string): string {
  return [
    'version: 1',
    'estate: acme',
    `repository: ${repository}`,
    `aws: { accounts: [{ name: main, regions: [${region}] }] }`,
    'sources: [s3-buckets, lambda-functions, dynamodb, iam, route53, cloudfront]',
    '',
  ].join('\n');
}

it('the whole estate returns in another region, and nothing in it points back', { timeout: 600_000 }, async () => {
  const file = path.join(stage.folder, 'holdfast.yaml');
  await writeFile(file, configuration('us-east-1', './vault'));
  expect(await run('init', '--yes')).toMatchObject({ status: 0 });
  const snapshot = await run('snapshot', '--quiet');
  expect(snapshot.stderr).toBe('');
  const args = [
    'restore',
    'latest',
    '--to',
    'live',
    '--region',
    'eu-west-1',
    '--rename',
    's3-buckets/*=*-dr',
    '--yes',
    '--json',
  ];
  const restored = await run(...args);
  console.log(restored.status, restored.stderr.slice(0, 3000));
  await writeFile('/tmp/region.json', restored.stdout);
});
