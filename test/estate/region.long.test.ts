import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdfast, type CliResult } from '../cli/run-cli.ts';
import { seedEstate } from './index.ts';
import { buildStage, type Stage } from './quickstart/stage.ts';
import { unresolvedReferences } from './references.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await buildStage('correct horse');
  await seedEstate(stage.endpoints, 'full');
}, 300_000);
afterAll(async () => {
  await stage.stopEmulators();
  await stage.removeFolder();
});

async function run(...args: readonly string[]): Promise<CliResult> {
  return await holdfast(args, { cwd: stage.folder, env: stage.env });
}

async function configure(file: string, region: string, repository: string): Promise<void> {
  const lines = [
    'version: 1',
    'estate: acme',
    `repository: ${repository}`,
    `aws: { accounts: [{ name: main, regions: [${region}] }] }`,
    'sources: [s3-buckets, lambda-functions, dynamodb, iam, route53, cloudfront, sqs, sns]',
    '',
  ];
  await writeFile(path.join(stage.folder, file), lines.join('\n'));
}

interface Manifest {
  readonly components: readonly { readonly resources: readonly { readonly ref: { readonly id: string } }[] }[];
}

it('the whole estate returns in another region, and nothing in it points back', { timeout: 900_000 }, async () => {
  await configure('holdfast.yaml', 'us-east-1', './vault');
  expect(await run('init', '--yes')).toMatchObject({ status: 0 });
  expect(await run('snapshot', '--quiet')).toMatchObject({ status: 0 });
  const wanted = ['--to', 'live', '--region', 'eu-west-1', '--mode', 'revert-changed', '--rename', 's3-buckets/*=*-dr'];
  const restored = await run('restore', 'latest', ...wanted, '--yes', '--json');
  await writeFile('/tmp/region.json', restored.stdout);
  console.log(restored.status, restored.stderr.slice(0, 3000));

  await configure('there.yaml', 'eu-west-1', './vault-there');
  expect(await run('init', '--yes', '--config', 'there.yaml')).toMatchObject({ status: 0 });
  expect(await run('snapshot', '--quiet', '--config', 'there.yaml')).toMatchObject({ status: 0 });
  const there = path.join(stage.folder, 'there');
  expect(await run('restore', 'latest', '--to', there, '--yes', '--quiet', '--config', 'there.yaml')).toMatchObject({
    status: 0,
  });
  const manifest = JSON.parse(await readFile(path.join(there, 'MANIFEST.json'), 'utf8')) as Manifest;
  const existing = manifest.components.flatMap(({ resources }) => resources.map(({ ref }) => ref.id));
  const unresolved = await unresolvedReferences(there, {
    left: [/:us-east-1:/, /\.us-east-1\./],
    existing,
    elsewhere: [/^arn:aws:iam::aws:/, /^arn:aws:logs:eu-west-1:/],
  });
  await writeFile('/tmp/unresolved.json', JSON.stringify({ existing, unresolved }, null, 1));
  expect(unresolved.slice(0, 20)).toEqual([]);
});
