import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdfast, type CliResult } from '../cli/run-cli.ts';
import { endpointVariables, startFaultProxy, type Fault, type FaultProxy } from '../emulators/index.ts';
import {
  compareDescriptions,
  readEstate,
  seedEstate,
  seedServices,
  serviceSources,
  startStandIns,
  strikeDisaster,
  strikeServices,
  type StandIns,
} from './index.ts';
import type { Manifest } from '../../src/estate/contract.ts';
import { buildStage, type Stage } from './quickstart/stage.ts';

/** One call of twenty fails, in each of the ways in which calls fail. */
const kinds: readonly Fault['kind'][] = ['throttle', 'error500', 'reset', 'truncate'];
const share = 0.05;

let stage: Stage;
let standIns: StandIns;
const proxies: FaultProxy[] = [];
let env: Readonly<Record<string, string | undefined>>;

beforeAll(async () => {
  standIns = await startStandIns();
  stage = await buildStage('correct horse', standIns.services);
  const before = new Map<string, string>();
  const { all, services = {} } = stage.endpoints;
  for (const endpoint of new Set([all, ...Object.values(services)])) {
    const proxy = await startFaultProxy(endpoint);
    proxies.push(proxy);
    before.set(endpoint, proxy.endpoint);
  }
  const proxied = Object.entries(services).map(([name, endpoint]) => [name, before.get(endpoint) ?? ''] as const);
  env = {
    ...stage.env,
    ...endpointVariables({ all: before.get(all) ?? '', services: Object.fromEntries(proxied) }),
  };
  await seedEstate(stage.endpoints, 'full');
  await seedServices(stage.endpoints, 'full', standIns);
}, 300_000);
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await stage.stopEmulators();
  await standIns.stop();
  await stage.removeFolder();
});

async function run(...args: readonly string[]): Promise<CliResult> {
  return await holdfast(args, { cwd: stage.folder, env });
}

it(
  'with faults on one call of twenty a snapshot and a restore are complete and right',
  { timeout: 900_000 },
  async () => {
    const configuration = [
      'version: 1',
      'estate: acme',
      'repository: ./vault',
      'aws: { accounts: [{ name: main, regions: [us-east-1] }] }',
      `sources: [s3-buckets, lambda-functions, dynamodb, iam, route53, cloudfront, ${serviceSources(standIns).join(', ')}]`,
      '',
    ];
    await writeFile(path.join(stage.folder, 'holdfast.yaml'), configuration.join('\n'));
    const before = await readEstate(stage.endpoints, true);
    expect(await run('init', '--yes')).toMatchObject({ status: 0 });
    // Of what the earlier kinds let through each takes the same part of all calls.
    for (const [i, kind] of kinds.entries())
      for (const proxy of proxies) {
        const each = share / kinds.length;
        proxy.addFault({ kind, probability: each / (1 - i * each) });
      }
    const snapshot = await run('snapshot', '--json');
    const { components } = JSON.parse(snapshot.stdout) as Manifest;
    expect(
      components.flatMap(({ source, resources }) => [source, ...resources].flatMap((one) => one.failures)),
    ).toEqual([]);
    expect(snapshot.status).toBe(0);
    await strikeDisaster(stage.endpoints);
    await strikeServices(stage.endpoints);
    const restored = await run('restore', 'latest', '--to', 'live', '--yes', '--json');
    expect(JSON.parse(restored.stdout)).toMatchObject({
      outcome: 'complete',
      failures: [],
      proof: { result: 'equal' },
    });
    expect(restored.status).toBe(0);
    expect(compareDescriptions(before, await readEstate(stage.endpoints, true))).toEqual([]);
    expect(proxies.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(4000);
  },
);
