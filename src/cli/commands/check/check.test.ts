import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  await writeFile(join(estate.folder, 'tools', 'big.bin'), randomBytes(2_000_000));
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(() => estate.remove());

async function dataPack(): Promise<string> {
  const folder = join(estate.folder, 'vault', 'data');
  const [name = ''] = (await readdir(folder, { recursive: true })).filter((one) => /[0-9a-f]{64}$/.test(one));
  return join(folder, name);
}

test('a whole repository: exit 0, and nothing is written into it', async () => {
  const before = await estate.vault();
  const { status, stdout } = await estate.run(['check', '--read-data']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^1 snapshot, \d+ packs, \d+ chunks checked, \d+ packs \(.* MiB\) read: no damage found\.\n$/);
  expect(await estate.vault()).toEqual(before);
  // All was read: nothing is left to go on with, so all is read again.
  const again = JSON.parse((await estate.run(['check', '--read-data', '--resume', '--json'])).stdout) as object;
  expect(again).toMatchObject({ schema: 1, whole: true, packsLeft: 0, damage: [], notes: [] });
});

test('damage: exit 3, with what it touches', async () => {
  const path = await dataPack();
  const good = await readFile(path);
  const bad = Buffer.from(good);
  bad[Math.floor(bad.length / 2)] = (bad[Math.floor(bad.length / 2)] ?? 0) ^ 1;
  await writeFile(path, bad);
  expect(await estate.run(['check'])).toMatchObject({ status: 0 });
  const found = await estate.run(['check', '--read-data']);
  expect(found.status).toBe(3);
  expect(found.stdout).toMatch(/^damaged: data\/.*\n {4}touches [0-9a-f]{12}:local\/tools\n {8}files\/big\.bin$/m);
  await rm(path);
  const json = await estate.run(['check', '--json']);
  expect(json.status).toBe(3);
  expect(JSON.parse(json.stdout)).toMatchObject({ whole: false, damage: [{ problem: 'the pack is missing' }] });
  await writeFile(path, good);
});

test('options that contradict or say nothing', async () => {
  for (const args of [
    ['--structure', '--read-data'],
    ['--sample', '5%', '--read-data'],
    ['--resume'],
    ['--time-limit', '30'],
  ])
    expectError(await estate.run(['check', ...args]), 'usage.invalid', 2);
});

test('a share is read with --sample, and a folder for what was read that cannot be used is told', async () => {
  expect(await estate.run(['check', '--sample', '100%', '--time-limit', '10m'])).toMatchObject({ status: 0 });
  const env = { HOLDFAST_CACHE_DIR: 'holdfast.yaml' };
  expectError(await estate.run(['check', '--sample', '5%'], env), 'usage.invalid', 2);
});
