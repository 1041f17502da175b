import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdfast, type CliResult } from '../cli/run-cli.ts';
import { seedEstate, seedServices, serviceSources, startStandIns, strikeAccelerator, type StandIns } from './index.ts';
import { buildStage, type Stage } from './quickstart/stage.ts';
import type { RestorePlan, RestoreReport } from '../../src/estate/restore-contract.ts';
import { unresolvedReferences, type Unresolved } from './references.ts';
import type { EstateSize } from './sites.ts';

const size = (process.env['HOLDFAST_ESTATE'] ?? 'full') as EstateSize;
const sizes = { full: 500, small: 150 };

let stage: Stage;
let standIns: StandIns;

beforeAll(async () => {
  standIns = await startStandIns();
  stage = await buildStage('correct horse', standIns.services);
  await seedEstate(stage.endpoints, size);
  await seedServices(stage.endpoints, size, standIns);
}, 300_000);
afterAll(async () => {
  await stage.stopEmulators();
  await standIns.stop();
  await stage.removeFolder();
});

async function run(...args: readonly string[]): Promise<CliResult> {
  return await holdfast(args, { cwd: stage.folder, env: stage.env });
}

/** `buckets`: patterns of those that belong there, since they are listed for all regions at once. */
async function configure(file: string, region: string, repository: string, buckets: string): Promise<void> {
  const lines = [
    'version: 1',
    'estate: acme',
    `repository: ${repository}`,
    `aws: { accounts: [{ name: main, regions: [${region}] }] }`,
    `sources: [{ s3-buckets: { include: ['${buckets}'] } }, lambda-functions, dynamodb, iam, route53, cloudfront, ${serviceSources(standIns).join(', ')}]`,
    '',
  ];
  await writeFile(path.join(stage.folder, file), lines.join('\n'));
}

interface Manifest {
  readonly components: readonly { readonly resources: readonly { readonly ref: { readonly id: string } }[] }[];
}

/** Restores the newest snapshot to a folder, and walks every reference in it. */
async function look(config: string, left: readonly RegExp[]): Promise<readonly Unresolved[]> {
  const folder = path.join(stage.folder, `of-${config}`);
  const args = ['restore', 'latest', '--to', folder, '--yes', '--quiet', '--config', config];
  expect(await run(...args)).toMatchObject({ status: 0 });
  const manifest = JSON.parse(await readFile(path.join(folder, 'MANIFEST.json'), 'utf8')) as Manifest;
  const existing = manifest.components.flatMap(({ resources }) => resources.map(({ ref }) => ref.id));
  // AWS's own policies, log groups, the principals that services are, and hosts of distributions, which name themselves.
  const elsewhere = [
    /^arn:aws:iam::aws:/,
    /^arn:aws:logs:/,
    /^([a-z]+\.)?[a-z0-9-]+\.amazonaws\.com$/,
    /^d?[a-z0-9]+\.cloudfront\.net$/,
    // Where a domain of API Gateway leads to, which only the domain names.
    /^d-[a-z0-9]+\.execute-api\./,
  ];
  return await unresolvedReferences(folder, { left, existing, elsewhere });
}

it('the whole estate returns in another region, and nothing in it points back', { timeout: 900_000 }, async () => {
  await configure('here.yaml', 'us-east-1', './vault', '*');
  expect(await run('init', '--yes', '--config', 'here.yaml')).toMatchObject({ status: 0 });
  expect(await run('snapshot', '--quiet', '--config', 'here.yaml')).toMatchObject({ status: 0 });
  // What already led nowhere: keys and certificates that the seeded estate names and does not have.
  const before = await look('here.yaml', []);
  const dangling = new Set(before.map(({ reference }) => reference.replace('us-east-1', 'eu-west-1')));

  // What has no region is there already; this one comes back under other names, which records follow.
  await strikeAccelerator(stage.endpoints);
  const wanted = ['--to', 'live', '--region', 'eu-west-1', '--mode', 'revert-changed', '--rename', 's3-buckets/*=*-dr'];
  const restored = await run('restore', 'latest', ...wanted, '--yes', '--json', '--config', 'here.yaml');
  const report = JSON.parse(restored.stdout) as RestoreReport & Pick<RestorePlan, 'skipped'>;
  expect(report.failures).toEqual([]);
  expect(report).toMatchObject({ proof: { result: 'equal', left: [] } });
  // What people make, in every region: the plan says so. The instance is there, as if somebody had made it.
  const byHand = /^lightsail\/(instances|container-services)\//;
  expect(report.skipped.filter(({ resource }) => !byHand.test(resource))).toEqual([]);

  await configure('there.yaml', 'eu-west-1', './vault-there', '*-dr');
  expect(await run('init', '--yes', '--config', 'there.yaml')).toMatchObject({ status: 0 });
  expect(await run('snapshot', '--quiet', '--config', 'there.yaml')).toMatchObject({ status: 0 });
  const after = await look('there.yaml', [/:us-east-1:/, /[.-]us-east-1\./, /^us-east-1_/]);
  const isKept = ({ file, reference }: Unresolved): boolean =>
    // CloudFront takes certificates from us-east-1 alone.
    reference.startsWith('arn:aws:acm:us-east-1:') ||
    // Earlier versions of a policy that was there already cannot be changed, and are not in force.
    (file.startsWith('iam/policy.') && file.includes('/versions/')) ||
    dangling.has(reference);
  expect(after.filter((one) => !isKept(one))).toEqual([]);
  expect(report.applied).toBeGreaterThan(sizes[size]);
});
